using System.CommandLine;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor levy totals</c>: what the API's totals answer, without the service or beside it.</summary>
internal static class LevyTotalsCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        var site = new Option<string?>("--site") { Description = "Only this site." };
        Option<DateOnly?> from = Arguments.Date("--from", "First local day.");
        Option<DateOnly?> to = Arguments.Date("--to", "The day after the last local day.");
        var group = new Option<string?>("--group") { Description = "What rows are split by: site,device,tenant,day,rate." };
        Option<string> format = new Option<string>("--format") { Description = "json or csv.", DefaultValueFactory = _ => "json" }
            .AcceptOnlyFromAmong("json", "csv");
        var command = new Command("totals", "Accrued totals over local dates.") { site, from, to, group, format };
        command.SetAction(parsed =>
        {
            if (!TotalsGroups.TryParse(parsed.GetValue(group), out TotalsGroup groups, out string? unknown))
            {
                Console.Error.WriteLine($"--group: \"{unknown}\" will not do; write any of site,device,tenant,day,rate.");
                return ExitCode.WrongUsage;
            }

            var query = new TotalsQuery { From = parsed.GetValue(from), To = parsed.GetValue(to), Group = groups };
            if (query.To < query.From)
            {
                Console.Error.WriteLine("--to: write a day that is not before --from.");
                return ExitCode.WrongUsage;
            }

            if (common.ReadWithFiles(parsed) is not var (settings, files))
            {
                return ExitCode.WrongUsage;
            }

            var now = Instant.From(time.GetUtcNow());
            try
            {
                using BooksView books = BooksView.OpenReadOnly(settings, files, now);
                if (parsed.GetValue(site) is { } named && books.KnownSites is { Count: > 0 } known && !known.Contains(named))
                {
                    Console.Error.WriteLine($"--site: \"{named}\" is not known; there are {string.Join(", ", known)}.");
                    return ExitCode.WrongUsage;
                }

                Print(books.Totals(query, parsed.GetValue(site)), groups, parsed.GetValue(format)!);
                return ExitCode.Done;
            }
            catch (LedgerException e)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static void Print(IReadOnlyList<TotalsRow> rows, TotalsGroup group, string format)
    {
        if (format == "csv")
        {
            TotalsWriter.WriteCsv(Console.Out, rows, group);
            return;
        }

        JsonOutput.Print(json => TotalsWriter.WriteJson(json, rows, group));
    }
}
