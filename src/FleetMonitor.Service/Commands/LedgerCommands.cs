using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>ledger verify</c>, <c>ledger backup</c> and <c>ledger restore</c>.</summary>
internal static class LedgerCommands
{
    public static Command Create(CommonOptions common, TimeProvider time) => new("ledger", "The books themselves: proof, copies.")
    {
        Verify(common), Backup(common), Restore(common, time),
    };

    private static Command Verify(CommonOptions common)
    {
        var anchor = new Option<string?>("--anchor") { Description = "A head's hash that was kept elsewhere: the chain has to have it." };
        var input = new Option<FileInfo?>("--input") { Description = "A backup to verify, in place of the ledger." };
        var command = new Command("verify", "Recomputes the books from what is kept, checks the chain, and names the first thing that is off.") { anchor, input };
        command.SetAction(parsed => Run(common, parsed, ledger =>
        {
            string? hash = parsed.GetValue(anchor)?.Trim().ToLowerInvariant();
            return (parsed.GetValue(input) is { } backup
                ? Verified(LedgerFiles.OfFile(backup.FullName), withAnchors: false, hash)
                : Verified(ledger, withAnchors: true, hash)) is null ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Backup(CommonOptions common)
    {
        var output = new Option<FileInfo>("--output") { Description = "The file to make; it must not exist.", Required = true };
        var command = new Command("backup", "Copies the ledger into one file, also while the service runs, and verifies the copy.") { output };
        command.SetAction(parsed => Run(common, parsed, ledger =>
        {
            string file = parsed.GetValue(output)!.FullName;
            LedgerBackup.Make(ledger, file);
            return Verified(LedgerFiles.OfFile(file), withAnchors: false, knownHead: null) is null ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Restore(CommonOptions common, TimeProvider time)
    {
        Option<FileInfo> input = new Option<FileInfo>("--input") { Description = "The backup.", Required = true }.AcceptExistingOnly();
        var force = new Option<bool>("--force") { Description = "Take the place of the ledger that is there; it is moved aside." };
        var command = new Command("restore", "Puts a backup in the ledger's place, once it is verified.") { input, force };
        command.SetAction(parsed => Run(common, parsed, ledger =>
        {
            using FileStream heldLock = ledger.TakeLock();
            if (ledger.Exist && !parsed.GetValue(force))
            {
                Console.Error.WriteLine($"There is a ledger in {ledger.Directory}: --force moves it aside.");
                return ExitCode.Failed;
            }

            if (File.Exists(ledger.Restoring))
            {
                Console.Error.WriteLine(
                    $"A restore was interrupted here: what it had copied, {ledger.Restoring}, is removed. What it may have moved aside stays where it is: {MovedAside(ledger)}.");
            }

            DateTimeOffset now = time.GetUtcNow();
            string? aside = LedgerBackup.Restore(parsed.GetValue(input)!.FullName, ledger, Check, now);
            PostingHead head;
            using (LedgerReader reader = LedgerReader.Open(ledger))
            {
                head = reader.PostingHead();
            }

            ledger.Anchors.Append(new Anchor(Instant.From(now), head));
            Console.Error.WriteLine(aside is null ? "Restored." : $"Restored. What stood there is {aside}.");
            return ExitCode.Done;
        }));
        return command;
    }

    private static string MovedAside(LedgerFiles ledger) =>
        Directory.GetFiles(ledger.Directory, "*.replaced-*") is { Length: > 0 } files ? string.Join(", ", files.Order(StringComparer.Ordinal)) : "nothing was";

    private static void Check(LedgerFiles copy)
    {
        if (Verified(copy, withAnchors: false, knownHead: null) is { } fault)
        {
            throw new LedgerException($"The backup was not restored: {fault}");
        }
    }

    /// <summary>Prints each step, and the fault where there is one.</summary>
    /// <returns>The fault.</returns>
    private static string? Verified(LedgerFiles files, bool withAnchors, string? knownHead)
    {
        (IReadOnlyList<Anchor>, IReadOnlyList<int>)? anchors = withAnchors ? files.Anchors.Read() : null;
        using LedgerReader reader = LedgerReader.Open(files);
        foreach (VerificationStep step in new LedgerVerification(reader, anchors, knownHead).Run())
        {
            if (step.Fault is { } fault)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"off  {step.Name,-9} {fault}"));
                return fault;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ok   {step.Name,-9} {step.Detail}"));
        }

        return null;
    }

    private static int Run(CommonOptions common, ParseResult parsed, Func<LedgerFiles, int> run)
    {
        if (common.Read(parsed) is not { } settings)
        {
            return ExitCode.WrongUsage;
        }

        try
        {
            return run(new LedgerFiles(settings.Ledger.Directory));
        }
        catch (Exception e) when (e is LedgerException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
