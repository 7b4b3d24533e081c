using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>Keeps slips of the pen out of the books: what nobody can have meant, of a site that there is, on a day that has been.</summary>
internal sealed class EntryLimits(Engine engine, Decider decider, Instant now)
{
    /// <summary>As for registers (S7): a fifth beyond the greatest power.</summary>
    private const decimal Margin = 1.2m;

    /// <summary>Ten million million: beyond any charge or turnover of a quarter, and within what a spreadsheet adds up exactly.</summary>
    private const decimal MostMoney = 10_000_000_000_000m;

    private static readonly DateOnly First = new(2010, 1, 1);

    /// <summary>What keeps an entry from being posted, each with what to do; empty where nothing does.</summary>
    public IEnumerable<string> Problems(PostingDraft entry)
    {
        if (engine.Fleet.Current.Site(entry.Site) is not { } site)
        {
            string[] known = [.. engine.Fleet.Current.Sites.Keys.Order(StringComparer.Ordinal)];
            yield return $"the fleet has no site '{entry.Site}': " + (known.Length == 0 ? "there is none yet" : $"there are {string.Join(", ", known)}");
            yield break;
        }

        if (entry.Device is { } device && decider.Shards.Find(new DeviceKey(entry.Site, device)) is null)
        {
            yield return $"no device '{device}' has reported from {entry.Site}";
        }

        if (entry.Day < First)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"the day {entry.Day:yyyy-MM-dd} is before {First:yyyy-MM-dd}, from which readings are taken: write the day of consumption");
        }
        else if (PeriodBegin.NotYet(site, entry.Period, decider, now) is { } why)
        {
            yield return $"{why}: write a day of a period that has begun";
        }

        decimal most = MostKilowattHours(site, entry);
        if (Math.Abs(entry.Energy.Total.KilowattHours) > most)
        {
            string who = entry.Device is null ? entry.Site : $"{entry.Site}/{entry.Device}";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{entry.Energy.Total.KilowattHours} kWh are more than {who} can draw in {entry.Period}, which is {most:0.###}: check the figure and its unit, or state the site's maxPowerKw");
        }

        if (entry.Amount is { } amount && Math.Abs(amount.Amount) > MostMoney)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{amount} is more than any entry can be ({MostMoney}): check the figure");
        }
    }

    private decimal MostKilowattHours(Site site, PostingDraft entry)
    {
        decimal hours = (decimal)entry.Period.Duration(DayCalendar.Of(site.TimeZone)).TotalHours * Margin;
        decimal devices = entry.Device is not null ? 1 : Math.Max(1, site.Devices.Keys
            .Concat(decider.Shards.Devices.Where(known => known.Key.Site == site.Id).Select(known => known.Key.Device)).Distinct().Count());
        decimal watts = site.MaxPower is { } most ? most.Watts : engine.Metering.MaxDevicePower.Watts * devices;
        return decimal.Round(watts / 1_000m * hours, 3);
    }
}
