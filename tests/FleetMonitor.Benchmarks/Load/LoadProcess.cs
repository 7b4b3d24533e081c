using System.Globalization;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>What became of one phase of publishing; latencies in milliseconds, from publish to acknowledgement.</summary>
internal sealed record LoadResult(double Published, double Seconds, double Median, double Percentile99, double Longest)
{
    public double PerSecond => Published / Seconds;
}

/// <summary>A <see cref="LoadClient"/> in a process of its own, told what to publish next.</summary>
internal sealed class LoadProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly ChildProcess _process;
    private readonly int _window;
    private int _phases;

    private LoadProcess(ChildProcess process, int window) => (_process, _window) = (process, window);

    public int Id => _process.Id;

    /// <param name="window">Publishes that each connection may have under way.</param>
    public static async Task<LoadProcess> StartAsync(int port, int connections, int devices, int window)
    {
        (string program, IReadOnlyList<string> start) = Self.Command;
        ChildProcess process = ChildProcess.Start(
            program,
            [.. start, LoadClient.Command, .. ((int[])[port, connections, devices, window]).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
        try
        {
            await process.WaitForAsync("connected", Patience);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new LoadProcess(process, window);
    }

    /// <summary>Each device once, as fast as it is taken.</summary>
    public Task<LoadResult> RoundAsync() => PhaseAsync($"round");

    /// <summary>As fast as it is taken.</summary>
    /// <param name="window">Publishes that each connection has under way; null for as many as it may.</param>
    public Task<LoadResult> FloodAsync(double seconds, int? window = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window ?? _window, _window, nameof(window));
        return PhaseAsync($"flood {seconds} {window ?? _window}");
    }

    /// <summary>Evenly, device after device.</summary>
    public Task<LoadResult> PaceAsync(double rate, double seconds) => PhaseAsync($"pace {rate} {seconds}");

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<LoadResult> PhaseAsync(FormattableString phase)
    {
        await _process.WriteLineAsync(phase.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForAsync("done ", Patience, ++_phases);
        double[] done = [.. _process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ')[1..]
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return new LoadResult(done[0], done[1], done[2], done[3], done[4]);
    }
}
