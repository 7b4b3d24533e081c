using System.Globalization;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>An <see cref="AcknowledgeOnly"/> in a process of its own.</summary>
internal sealed class AcknowledgeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ChildProcess _process;

    private AcknowledgeProcess(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Id => _process.Id;

    public int Port { get; }

    /// <param name="file">What is to be durable before it is acknowledged is written there; null where nothing is.</param>
    public static async Task<AcknowledgeProcess> StartAsync(string? file)
    {
        int port = LoopbackPort.Free();
        (string program, IReadOnlyList<string> start) = Self.Command;
        ChildProcess process = ChildProcess.Start(
            program, [.. start, AcknowledgeOnly.Command, port.ToString(CultureInfo.InvariantCulture), .. file is null ? Array.Empty<string>() : [file]]);
        try
        {
            await process.WaitForAsync("listening", Patience);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new AcknowledgeProcess(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
