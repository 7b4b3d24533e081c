using System.CommandLine;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy periods</c> and <c>levy statement</c>: what was filed, what is to be filed, and by when.</summary>
internal static class LevyPeriodsCommand
{
    public static Command CreateList(CommonOptions common, TimeProvider time)
    {
        Option<string?> site = LevyBooks.SiteOption("Only this site.");
        var command = new Command("periods", "Tax periods: open, provisional, closed or amended, with energy, amounts and deadlines.") { site };
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

            return LevyBooks.PrintJson(json => PeriodJson.WriteList(json, sites.SelectMany(periods.Of)));
        }));
        return command;
    }

    public static Command CreateStatement(CommonOptions common, TimeProvider time)
    {
        Argument<TaxPeriod> period = LevyBooks.PeriodArgument();
        Option<string?> site = LevyBooks.SiteOption();
        var command = new Command("statement", "The filed statement with its amendments, or the draft of one.") { period, site };
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) =>
        {
            var periods = new PeriodBooks(books, now);
            return LevyBooks.SiteOf(periods, parsed.GetValue(site)) is { } one
                ? LevyBooks.PrintJson(json => PeriodJson.WriteStatement(json, periods.Of(one, parsed.GetValue(period))))
                : ExitCode.Failed;
        }));
        return command;
    }
}
