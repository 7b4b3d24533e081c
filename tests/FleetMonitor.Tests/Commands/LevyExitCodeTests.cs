using FleetMonitor.Service.Commands;
using FleetMonitor.Tests.Finance;
using Xunit;

namespace FleetMonitor.Tests.Commands;

/// <summary>What a script hears: 0 done, 1 the books will not have it, 2 what was typed will not do. The clock says 3 October 2026.</summary>
public class LevyExitCodeTests
{
    [Theory]
    [InlineData(ExitCode.Done, "totals", "--site", "aksu")]
    [InlineData(ExitCode.Done, "totals", "--site", "aksu", "--from", "2026-09-30", "--to", "2026-10-01")]
    [InlineData(ExitCode.WrongUsage, "totals", "--site", "zzz")]
    [InlineData(ExitCode.WrongUsage, "totals", "--from", "2026-10-01", "--to", "2026-09-30")]
    [InlineData(ExitCode.WrongUsage, "totals", "--from", "2026-10-02", "--to", "2026-10-01")]
    [InlineData(ExitCode.Done, "postings", "--site", "aksu", "--period", "2026-Q3")]
    [InlineData(ExitCode.Failed, "postings", "--site", "zzz")]
    [InlineData(ExitCode.WrongUsage, "postings", "--limit", "0")]
    [InlineData(ExitCode.Failed, "close", "2027-Q1", "--site", "aksu", "--by", "A. Person", "--force")]
    [InlineData(ExitCode.WrongUsage, "close", "2026-Q3", "--site", "aksu", "--by", " ")]
    [InlineData(ExitCode.WrongUsage, "close", "2026-Q3", "--site", "aksu", "--by", "A.\nPerson")]
    [InlineData(ExitCode.Done, "close", "2026-Q3", "--site", "aksu", "--by", "@Eve", "--dry-run")]
    [InlineData(ExitCode.Done, "close", "2026-Q3", "--site", "aksu", "--by", "@Eve")]
    [InlineData(ExitCode.Done, "adjust", "--site", "aksu", "--day", "2026-09-30", "--kwh", "1", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "aksu", "--day", "2026-09-30", "--kwh", "1e9", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "aksu", "--day", "2026-09-30", "--kwh", "99999999999999999999", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "aksu", "--day", "2026-09-30", "--kwh", "100000000", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "zzz", "--day", "2026-09-30", "--kwh", "1", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "aksu", "--day", "2027-01-01", "--kwh", "1", "--by", "B. Person", "--reason", "office")]
    [InlineData(ExitCode.WrongUsage, "adjust", "--site", "aksu", "--day", "2026-09-30", "--kwh", "1", "--by", "B. Person", "--reason", "")]
    public async Task Command_EndsWithWhatHappened(int code, params string[] typed)
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", new Sent("rig-1", "2026-09-30T00:00:00+05:00", 100m), new Sent("rig-1", "2026-09-30T01:00:00+05:00", 103m));

        // The clock's timers never fire: a commit that waited for one would wait for good.
        string[] all = ["levy", .. typed, "--set", $"Ledger:Directory={room.Settings.Ledger.Directory}", "--set", "Ledger:CommitEvery=00:00:00"];
        System.CommandLine.ParseResult parsed = RootCommandFactory.Create(room.Clock).Parse(all, RootCommandFactory.AsTyped);
        int ended = parsed.Errors.Count > 0 ? ExitCode.WrongUsage : await parsed.InvokeAsync();

        Assert.Equal(code, ended);
    }

    /// <summary>A ledger that has no site yet has nothing to tell a name apart by.</summary>
    [Fact]
    public async Task Totals_OfALedgerWithoutSites_AreEmpty()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ActAsync((_, _) => Task.FromResult(true));

        Assert.Equal(ExitCode.Done, await RootCommandFactory.Create(room.Clock)
            .Parse(["levy", "totals", "--site", "zzz", "--set", $"Ledger:Directory={room.Settings.Ledger.Directory}"], RootCommandFactory.AsTyped).InvokeAsync());
    }
}
