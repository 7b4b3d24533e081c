using System.CommandLine;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy compliance</c>: what should be on file and is not.</summary>
internal static class LevyComplianceCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Option<string?> site = LevyBooks.SiteOption("Only this site.");
        Option<DateOnly?> day = Arguments.Date("--day", "On that local day; without it, today.");
        Option<TaxPeriod?> period = LevyBooks.PeriodOption("On any day of that tax period, and its filing: deadlines that passed, or may move.");
        var command = new Command("compliance", "What should be on file and is not, per site and per device.") { site, day, period };
        command.Validators.Add(result =>
        {
            if (result.GetValue(day) is not null && result.GetValue(period) is not null)
            {
                result.AddError("--day and --period: write one of them.");
            }
        });
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) =>
        {
            var periods = new PeriodBooks(books, now);
            IReadOnlyList<Site> sites = periods.Sites;
            if (parsed.GetValue(site) is { } named)
            {
                if (LevyBooks.SiteOf(periods, named) is not { } one)
                {
                    return ExitCode.Failed;
                }

                sites = [one];
            }

            ILookup<string, string> reporting = books.Ledger.Devices().ToLookup(device => device.Key.Site, device => device.Key.Device);
            return LevyBooks.PrintJson(json => Write(json, sites.SelectMany(one => parsed.GetValue(period) is { } quarter
                ? OfPeriod(periods, one, quarter, [.. reporting[one.Id]], now)
                : ComplianceReport.Of(one, parsed.GetValue(day) ?? DayCalendar.Of(one.TimeZone).DateOf(now), books.Schedule, reporting[one.Id]))));
        }));
        return command;
    }

    private static IEnumerable<ComplianceFinding> OfPeriod(PeriodBooks periods, Site site, TaxPeriod quarter, IReadOnlyList<string> reporting, Instant now)
    {
        PeriodBook book = periods.Of(site, quarter);
        if (book.Now.Deadlines is { } deadlines)
        {
            if (book.Filed is null && DayCalendar.Of(site.TimeZone).DateOf(now) > (deadlines.Declaration ?? deadlines.Payment))
            {
                yield return new ComplianceFinding("filing-overdue", site.Id, null, $"{quarter} is not closed, and its deadline has passed: close and file it");
            }

            if (deadlines.Provisional)
            {
                yield return new ComplianceFinding("deadline-provisional", site.Id, null, CloseWarnings.DeadlineText(deadlines));
            }
        }

        foreach (ComplianceFinding finding in ComplianceReport.Of(site, quarter, periods.Schedule, reporting))
        {
            yield return finding;
        }
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<ComplianceFinding> findings)
    {
        json.WriteStartObject();
        json.WriteStartArray("rows");
        foreach (ComplianceFinding finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("site", finding.Site);
            json.WriteString("device", finding.Device);
            json.WriteString("text", finding.Text);
            json.WriteString("from", finding.From is { } from ? PeriodJson.Day(from) : null);
            json.WriteString("to", finding.To is { } to ? PeriodJson.Day(to) : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("next");
        json.WriteEndObject();
    }
}
