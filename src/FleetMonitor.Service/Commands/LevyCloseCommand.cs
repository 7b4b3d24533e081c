using System.CommandLine;
using System.Text.Json;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy close</c>: a named person files a period, or what differs from what was filed.</summary>
internal static class LevyCloseCommand
{
    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Argument<TaxPeriod> period = LevyBooks.PeriodArgument();
        var site = new Option<string>("--site") { Description = "The site.", Required = true };
        var by = new Option<string>("--by") { Description = "Full name of the person who closes it.", Required = true };
        var force = new Option<bool>("--force") { Description = "Close it although readings are settling, or the period lasts." };
        var amend = new Option<bool>("--amend") { Description = "It is closed already: file what differs now as an amended return." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be filed, and what to know before it is; file nothing." };
        var command = new Command("close", "Closes a period: freezes its statement and prints it with its hash.") { period, site, by, force, amend, dryRun };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new CloseRequest(
                parsed.GetValue(site)!, parsed.GetValue(period), parsed.GetValue(by)!, parsed.GetValue(force), parsed.GetValue(amend), parsed.GetValue(dryRun));
            var act = new LedgerAct(
                $"levy/periods/{request.Period}/close",
                JsonSerializer.SerializeToUtf8Bytes(
                    new CloseBody(request.Site, request.By, request.Force, request.Amend, request.DryRun), FinanceBodies.Default.CloseBody),
                async (_, bookkeeper, json, token) =>
                {
                    CloseResult result = await bookkeeper.CloseAsync(request, token);
                    if (result.Filing is not { } filing)
                    {
                        return new ActRefusal(
                            $"Not closed: {result.Why}.", result.Refusal is CloseRefusal.NameMissing or CloseRefusal.NameUnfit ? ExitCode.WrongUsage : ExitCode.Failed);
                    }

                    PeriodJson.WriteFiling(json, filing, result.Warnings, request.DryRun);
                    return null;
                });
            return act.RunAsync(common, parsed, time, cancellation);
        });
        return command;
    }
}
