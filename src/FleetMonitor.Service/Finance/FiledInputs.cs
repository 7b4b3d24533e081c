using System.Security.Cryptography;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// What statements and amended returns were made of: postings up to their head, and the fleet file and rate schedule that were frozen with them.
/// </summary>
internal sealed class FiledInputs(LedgerReader ledger)
{
    private readonly Dictionary<string, (FleetSnapshot? Fleet, RateSchedule? Schedule, string? Fault)> _sources = [];

    /// <param name="filed">The statement of the site and period.</param>
    /// <param name="fleetHash">Null where the site registered itself.</param>
    /// <returns>Null, and what is wrong with them, where the frozen files are not what was filed by.</returns>
    public (StatementInputs? Inputs, string? Fault) Of(Statement filed, string scheduleHash, string? fleetHash, PostingHead head)
    {
        (_, RateSchedule? schedule, string? fault) = Source(scheduleHash, isFleet: false, filed.TimeZone);
        if (schedule is null)
        {
            return (null, fault);
        }

        var site = new Site { Id = filed.Site, TimeZone = TimeZoneInfo.FindSystemTimeZoneById(filed.TimeZone), SelfRegistered = true };
        if (fleetHash is not null)
        {
            (FleetSnapshot? fleet, _, fault) = Source(fleetHash, isFleet: true, filed.TimeZone);
            if (fleet?.Site(filed.Site) is not { } listed)
            {
                return (null, fault ?? "the fleet file that it was filed by does not list the site");
            }

            site = listed;
        }

        return (new StatementInputs
        {
            Site = site,
            Period = filed.Period,
            Schedule = schedule,
            Books = Billing.RollUp(ledger.PostedDays(filed.Site, filed.Period, head.Count), _ => site),
            Postings = [.. ledger.PostingsByHand(filed.Site, filed.Period.FirstDay, filed.Period.End).Where(posting => posting.Seq <= head.Count)],
            Gaps = filed.Gaps,
            Head = head,
            FleetHash = fleetHash,
        }, null);
    }

    private (FleetSnapshot? Fleet, RateSchedule? Schedule, string? Fault) Source(string hash, bool isFleet, string timeZone)
    {
        if (!_sources.TryGetValue(hash, out (FleetSnapshot?, RateSchedule?, string?) source))
        {
            source = Read(hash, isFleet, timeZone);
            _sources.Add(hash, source);
        }

        return source;
    }

    private (FleetSnapshot?, RateSchedule?, string?) Read(string hash, bool isFleet, string timeZone)
    {
        string what = isFleet ? "fleet file" : "rate schedule";
        if (ledger.FiledSource(hash) is not { } content)
        {
            return (null, null, $"the {what} that it was filed by is missing ({hash})");
        }

        if (Convert.ToHexStringLower(SHA256.HashData(content)) is var actual && actual != hash)
        {
            return (null, null, $"the {what} that it was filed by has the hash {actual}, not {hash}");
        }

        Parsed<FleetSnapshot>? fleet = isFleet
            ? FleetFile.Parse(content, what, new FleetDefaults(TimeZoneInfo.FindSystemTimeZoneById(timeZone)))
            : null;
        Parsed<RateSchedule>? schedule = isFleet ? null : RateSchedule.Parse(content, what);
        return (fleet?.Value, schedule?.Value, (fleet?.Problems ?? schedule?.Problems)?.FirstOrDefault()?.ToString());
    }
}
