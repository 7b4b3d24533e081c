using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>The client's end of a TCP connection, with little room for what the subject sends.</summary>
internal sealed class SocketEnd : WireEnd, IDuplexPipe, IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4_096 };

    public SocketEnd(MqttVersion version, int port)
        : base(version)
    {
        _socket.Connect(IPAddress.Loopback, port);
        var stream = new NetworkStream(_socket);
        (Input, Output) = (PipeReader.Create(stream), PipeWriter.Create(stream));
    }

    public override IDuplexPipe Other => this;

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>A subject that has hung up meanwhile is for the test to notice.</summary>
    public override async Task SendAsync(byte[] bytes)
    {
        try
        {
            await Output.WriteAsync(bytes);
        }
        catch (IOException)
        {
        }
    }

    public override Task CutAsync()
    {
        _socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    }

    public override Task BreakAsync()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
        return Task.CompletedTask;
    }

    public void Dispose() => _socket.Dispose();
}
