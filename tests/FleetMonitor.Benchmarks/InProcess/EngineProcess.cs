using System.Globalization;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>An <see cref="EngineChild"/>, told what to take next.</summary>
internal sealed class EngineProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly ChildProcess _process;
    private int _phases;

    private EngineProcess(ChildProcess process) => _process = process;

    /// <param name="start">When a clock that goes by the rounds begins; null for the real one.</param>
    public static async Task<EngineProcess> StartAsync(string ledger, int devices, DateTimeOffset? start, params IReadOnlyList<string> settings)
    {
        (string program, IReadOnlyList<string> command) = Self.CommandAsService;
        ChildProcess process = ChildProcess.Start(
            program,
            [
                .. command, EngineChild.Command, devices.ToString(CultureInfo.InvariantCulture),
                (start?.ToUnixTimeMilliseconds() ?? 0).ToString(CultureInfo.InvariantCulture), $"Ledger:Directory={ledger}", .. settings,
            ]);
        try
        {
            await process.WaitForAsync("ready", Patience);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new EngineProcess(process);
    }

    /// <summary>Rounds over all devices, as fast as they are committed, <paramref name="step"/> seconds apart by a clock that goes by them.</summary>
    public Task<EngineResult> RoundsAsync(int count, double step) => PhaseAsync($"rounds {count} {step}");

    /// <summary>Evenly in real time.</summary>
    public Task<EngineResult> PaceAsync(double rate, double seconds) => PhaseAsync($"pace {rate} {seconds}");

    /// <summary>For some seconds each reading committed before the next one comes.</summary>
    public Task<EngineResult> OneByOneAsync(double seconds) => PhaseAsync($"one-by-one {seconds}");

    /// <summary>Collects garbage, so that the managed memory of the result is what is in use.</summary>
    public Task<EngineResult> CollectAsync() => PhaseAsync($"collect");

    /// <summary>kill -9.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<EngineResult> PhaseAsync(FormattableString phase)
    {
        await _process.WriteLineAsync(phase.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForAsync("done ", Patience, ++_phases);
        return EngineResult.Parse(_process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(line => line.StartsWith("done ", StringComparison.Ordinal))[5..]);
    }
}
