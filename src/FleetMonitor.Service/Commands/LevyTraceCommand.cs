using System.CommandLine;
using FleetMonitor.Fleet;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy trace</c>: from a device-day down to its postings and readings.</summary>
internal static class LevyTraceCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Option<string?> site = LevyBooks.SiteOption();
        var device = new Option<string>("--device") { Description = "The device.", Required = true };
        Option<DateOnly?> day = Arguments.Date("--day", "The local day.");
        day.Required = true;
        var readings = new Option<bool>("--readings") { Description = "List the kept readings of the day too." };
        var command = new Command("trace", "What a device-day rests on: books, rate, postings, gaps, events, late and kept readings.")
        {
            site, device, day, readings,
        };
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) =>
        {
            if (LevyBooks.SiteOf(new PeriodBooks(books, now), parsed.GetValue(site)) is not { } one)
            {
                return ExitCode.Failed;
            }

            var key = new DeviceKey(one.Id, parsed.GetValue(device)!);
            DateOnly local = parsed.GetValue(day)!.Value;
            var trace = new DeviceDayTrace(books, one, key, local, books.Readings(key, DayCalendar.Of(one.TimeZone).StartOf(local)));
            return LevyBooks.PrintJson(json => trace.Write(json, parsed.GetValue(readings)));
        }));
        return command;
    }
}
