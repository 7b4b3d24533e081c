using System.CommandLine;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy compliance</c>: what should be on file and is not.</summary>
internal static class LevyComplianceCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Option<string?> site = LevyBooks.SiteOption("Only this site.");
        Option<DateOnly?> day = Arguments.Date("--day", "On that local day; without it, today.");
        var command = new Command("compliance", "What should be on file and is not, per site and per device.") { site, day };
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) =>
        {
            ILookup<string, string> reporting = books.Ledger.Devices().ToLookup(device => device.Key.Site, device => device.Key.Device);
            IEnumerable<Site> sites = new PeriodBooks(books, now).Sites;
            if (parsed.GetValue(site) is { } named)
            {
                sites = sites.Where(site => site.Id == named);
            }

            return LevyBooks.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("rows");
                foreach (ComplianceFinding finding in sites.SelectMany(one => ComplianceReport.Of(
                    one, parsed.GetValue(day) ?? DayCalendar.Of(one.TimeZone).DateOf(now), books.Schedule, reporting[one.Id])))
                {
                    json.WriteStartObject();
                    json.WriteString("code", finding.Code);
                    json.WriteString("site", finding.Site);
                    json.WriteString("device", finding.Device);
                    json.WriteString("text", finding.Text);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteNull("next");
                json.WriteEndObject();
            });
        }));
        return command;
    }
}
