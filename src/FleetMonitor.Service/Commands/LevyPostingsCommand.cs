using System.CommandLine;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy postings</c>: the chain, posting by posting, between a statement's line and the device-days it rests on.</summary>
internal static class LevyPostingsCommand
{
    private const int RowsOnAPage = 1_000;

    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Option<string?> site = LevyBooks.SiteOption("Only this site; needed for --device where there are several.");
        Option<TaxPeriod?> period = LevyBooks.PeriodOption("Only energy and amounts of this tax period, such as 2026-Q4.");
        var device = new Option<string?>("--device") { Description = "Only this device." };
        Option<int> after = Arguments.Integer("--after", 0, 0, int.MaxValue, "Go on after this posting: what the page before gave as next.");
        Option<int> limit = Arguments.Integer("--limit", RowsOnAPage, 1, PostingList.MostRows, "Postings on a page.");
        Option<string> format = new Option<string>("--format") { Description = "json or csv.", DefaultValueFactory = _ => "json" }
            .AcceptOnlyFromAmong("json", "csv");
        var command = new Command("postings", "The postings in the order of their chain: number, hash, day of consumption, energy or amount, who and why.")
        {
            site, period, device, after, limit, format,
        };
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, now) =>
        {
            string? named = parsed.GetValue(site);
            if (named is not null || parsed.GetValue(device) is not null)
            {
                if (LevyBooks.SiteOf(new PeriodBooks(books, now), named) is not { } one)
                {
                    return ExitCode.Failed;
                }

                named = one.Id;
            }

            TaxPeriod? of = parsed.GetValue(period);
            PostingList page = PostingList.Of(
                books,
                new PostingFilter(parsed.GetValue(after), named, parsed.GetValue(device), of?.FirstDay, of?.End),
                parsed.GetValue(limit));
            if (parsed.GetValue(format) == "json")
            {
                return LevyBooks.PrintJson(page.WriteJson);
            }

            page.WriteCsv(Console.Out);
            if (page.Next is { } next)
            {
                Console.Error.WriteLine($"There are more: --after {next}.");
            }

            return ExitCode.Done;
        }));
        return command;
    }
}
