using System.CommandLine;
using System.CommandLine.Parsing;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary>
/// <c>levy trace</c>: from a statement's line down to its decisions and days, from a day to its decisions and devices, and from a device-day to its
/// postings and readings.
/// </summary>
internal sealed class LevyTraceCommand
{
    private readonly Option<string?> _site = LevyBooks.SiteOption();
    private readonly Option<string?> _line = new("--line") { Description = "A line of the statement by its code, such as manual-3; with --period." };
    private readonly Option<TaxPeriod?> _period = new("--period")
    {
        Description = "The tax period of --line.",
        CustomParser = result =>
        {
            if (TaxPeriod.TryParse(result.Tokens[^1].Value, out TaxPeriod period))
            {
                return period;
            }

            result.AddError($"--period: \"{result.Tokens[^1].Value}\" will not do; write a quarter such as 2026-Q4.");
            return null;
        },
    };

    private readonly Option<string?> _device = new("--device") { Description = "The device; without it, all devices and decisions of the day." };
    private readonly Option<DateOnly?> _day = Arguments.Date("--day", "The local day.");
    private readonly Option<bool> _readings = new("--readings") { Description = "List the device's kept readings of the day too." };

    private LevyTraceCommand()
    {
    }

    public static Command Create(CommonOptions common, TimeProvider time)
    {
        var trace = new LevyTraceCommand();
        var command = new Command(
            "trace",
            "What a line rests on (--period, --line): its decisions and days. What a day rests on (--day): decisions and devices. What a device-day rests "
            + "on (--device, --day): books, rate, postings, gaps, events, late and kept readings.")
        {
            trace._site, trace._period, trace._line, trace._device, trace._day, trace._readings,
        };
        command.Validators.Add(result =>
        {
            bool ofLine = result.GetValue(trace._line) is not null && result.GetValue(trace._period) is not null;
            if (ofLine == result.GetValue(trace._day) is not null)
            {
                result.AddError("Say what to trace: --period and --line, or --day, with or without --device.");
            }
        });
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) => trace.Print(parsed, books, now)));
        return command;
    }

    private int Print(ParseResult parsed, BooksView books, Instant now)
    {
        var periods = new PeriodBooks(books, now);
        if (LevyBooks.SiteOf(periods, parsed.GetValue(_site)) is not { } site)
        {
            return ExitCode.Failed;
        }

        if (parsed.GetValue(_day) is not { } day)
        {
            var line = new LineTrace(books, periods.Of(site, parsed.GetValue(_period)!.Value), parsed.GetValue(_line)!);
            if (line.IsKnown)
            {
                return LevyBooks.PrintJson(line.Write);
            }

            Console.Error.WriteLine($"--line: {site.Id} {parsed.GetValue(_period)} has no line \"{parsed.GetValue(_line)}\"; levy statement lists its lines.");
            return ExitCode.Failed;
        }

        if (parsed.GetValue(_device) is not { } device)
        {
            return LevyBooks.PrintJson(new SiteDayTrace(books, site, day).Write);
        }

        var key = new DeviceKey(site.Id, device);
        var trace = new DeviceDayTrace(books, site, key, day, books.Readings(key, DayCalendar.Of(site.TimeZone).StartOf(day)));
        return LevyBooks.PrintJson(json => trace.Write(json, parsed.GetValue(_readings)));
    }
}
