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

    public static async Task<AcknowledgeProcess> StartAsync()
    {
        int port = LoopbackPort.Free();
        (string program, IReadOnlyList<string> start) = Self.Command;
        ChildProcess process = ChildProcess.Start(program, [.. start, AcknowledgeOnly.Command, port.ToString(CultureInfo.InvariantCulture)]);
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
