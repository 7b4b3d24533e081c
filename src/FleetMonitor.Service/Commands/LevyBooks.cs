using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Commands;

/// <summary>What the commands of finance share: the books opened read-only, the period they are about, and JSON on stdout.</summary>
internal static class LevyBooks
{
    public static Option<string?> SiteOption(string description = "The site; may be left out where there is only one.") =>
        new("--site") { Description = description };

    public static Argument<TaxPeriod> PeriodArgument() => new("PERIOD")
    {
        Description = "A tax period such as 2026-Q4.",
        CustomParser = result => PeriodOf("PERIOD", result).GetValueOrDefault(),
    };

    public static Option<TaxPeriod?> PeriodOption(string description) => new("--period")
    {
        Description = description,
        CustomParser = result => PeriodOf("--period", result),
    };

    private static TaxPeriod? PeriodOf(string name, ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (TaxPeriod.TryParse(text, out TaxPeriod period))
        {
            return period;
        }

        result.AddError($"{name}: \"{text}\" will not do; write a quarter such as 2026-Q4.");
        return null;
    }

    /// <summary>Runs a command that only reads: its settings, the books as they stand, and named failures on stderr.</summary>
    public static int Read(CommonOptions common, ParseResult parsed, TimeProvider time, Func<BooksView, Instant, int> read) =>
        Read(common, parsed, time, (books, _, now) => read(books, now));

    public static int Read(CommonOptions common, ParseResult parsed, TimeProvider time, Func<BooksView, Settings, Instant, int> read)
    {
        if (common.ReadWithFiles(parsed) is not var (settings, files))
        {
            return ExitCode.WrongUsage;
        }

        var now = Instant.From(time.GetUtcNow());
        try
        {
            using BooksView books = BooksView.OpenReadOnly(settings, files, now);
            return read(books, settings, now);
        }
        catch (Exception e) when (e is LedgerException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>The site that is meant; null, with the reason on stderr, where that is not clear.</summary>
    public static Site? SiteOf(PeriodBooks periods, string? named)
    {
        IReadOnlyList<Site> sites = periods.Sites;
        Site? site = named is null && sites.Count == 1 ? sites[0] : sites.FirstOrDefault(site => site.Id == named);
        if (site is null)
        {
            string known = sites.Count == 0 ? "there is none yet" : "there are " + string.Join(", ", sites.Select(site => site.Id));
            Console.Error.WriteLine(named is null ? $"--site is needed: {known}." : $"--site: \"{named}\" is not known; {known}.");
        }

        return site;
    }

    /// <summary>Prints what the API would answer.</summary>
    public static int PrintJson(Action<Utf8JsonWriter> write)
    {
        JsonOutput.Print(write);
        return ExitCode.Done;
    }
}
