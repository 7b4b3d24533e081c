using System.CommandLine;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy export</c>: a period's statement, register or journal as a file.</summary>
internal static class LevyExportCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Argument<TaxPeriod> period = LevyBooks.PeriodArgument();
        Option<string?> site = LevyBooks.SiteOption();
        Option<string> format = new Option<string>("--format") { Description = "csv, json, xlsx or html.", Required = true }
            .AcceptOnlyFromAmong("csv", "json", "xlsx", "html");
        Option<string> table = new Option<string>("--table")
        {
            Description = "What a CSV file holds: lines, summary, decisions, facts, gaps, register or journal. With register, html is the tax register.",
            DefaultValueFactory = _ => "lines",
        }.AcceptOnlyFromAmong("lines", "summary", "decisions", "facts", "gaps", "register", "journal");
        var by = new Option<string?>("--by") { Description = "Full name of the person responsible for the register; without it, who closed the period." };
        var output = new Option<FileInfo?>("--output") { Description = "Where to write it; without it, stdout." };
        var command = new Command("export", "Exports a period: statement, amendments, tax register and journal lines.") { period, site, format, table, by, output };
        command.SetAction(parsed => LevyBooks.Read(common, parsed, time, (books, settings, now) =>
        {
            var periods = new PeriodBooks(books, now);
            if (LevyBooks.SiteOf(periods, parsed.GetValue(site)) is not { } one)
            {
                return ExitCode.Failed;
            }

            var export = new StatementExport(periods, periods.Of(one, parsed.GetValue(period)), parsed.GetValue(by), settings.Levy.AccountsOf);
            // Whole before the first byte is written: a failure leaves no half file behind.
            using var bytes = new MemoryStream();
            export.Write(
                bytes, Enum.Parse<ExportFormat>(parsed.GetValue(format)!, ignoreCase: true), Enum.Parse<ExportTable>(parsed.GetValue(table)!, ignoreCase: true));
            using Stream target = parsed.GetValue(output) is { } file ? file.Create() : Console.OpenStandardOutput();
            bytes.Position = 0;
            bytes.CopyTo(target);
            return ExitCode.Done;
        }));
        return command;
    }
}
