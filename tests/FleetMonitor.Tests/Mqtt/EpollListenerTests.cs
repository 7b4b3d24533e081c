using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Service.Mqtt.Epoll;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>What one look at all connections brings, and when the next one is.</summary>
public sealed class EpollListenerTests : ISweeps, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Twenty of it are far longer than a few bytes take over the loopback device.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private readonly ManualTime _time = new();
    private readonly Channel<int> _sweeps = Channel.CreateUnbounded<int>();
    private readonly SemaphoreSlim _served = new(0);
    private readonly List<TcpClient> _clients = [];
    private readonly EpollListener _listener;
    private int _bytes;

    public EpollListenerTests() =>
        _listener = new EpollListener(new IPEndPoint(IPAddress.Loopback, 0), ServeAsync, this, Shortest, _time);

    bool ISweeps.HasRoom => true;

    [Fact]
    public async Task Rigs_ThatSendSeldom_AreReadFromInOneSweep_AfterTheFirst()
    {
        NetworkStream[] rigs = [await ConnectAsync(), await ConnectAsync(), await ConnectAsync()];
        _time.Advance(TimeSpan.FromSeconds(3_600));

        await rigs[0].WriteAsync(new byte[1]);
        Assert.Equal(1, await NextSweepAsync());
        await rigs[1].WriteAsync(new byte[2]);
        await rigs[2].WriteAsync(new byte[3]);

        Assert.Equal(5, await NextSweepAsync());
    }

    [Fact]
    public async Task Client_ThatSendsOnOnceItIsRead_IsNotKeptWaitingForThoseThatSendSeldom()
    {
        NetworkStream[] clients = [await ConnectAsync(), await ConnectAsync()];
        _time.Advance(TimeSpan.FromSeconds(3_600));
        await clients[0].WriteAsync(new byte[1]);
        Assert.Equal(1, await NextSweepAsync());

        // Two pauses of those that send seldom, at most; with one each there would be a hundred seconds of them.
        TimeSpan before = TimeSpan.FromSeconds(30);
        using var patience = new CancellationTokenSource(before);
        for (int i = 0; i < 50; i++)
        {
            await clients[1].WriteAsync(new byte[1], patience.Token);
            Assert.Equal(1, await _sweeps.Reader.ReadAsync(patience.Token));
        }
    }

    void ISweeps.BeginSweep()
    {
    }

    int ISweeps.EndSweep()
    {
        int bytes = _bytes;
        _bytes = 0;
        if (bytes > 0)
        {
            _sweeps.Writer.TryWrite(bytes);
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _listener.DisposeAsync();
        _served.Dispose();
    }

    private async Task<int> NextSweepAsync() => await _sweeps.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    private async Task<NetworkStream> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        _clients.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, _listener.Port);
        Assert.True(await _served.WaitAsync(Patience), "The connection was not accepted.");
        return client.GetStream();
    }

    /// <summary>On the listener's thread: wherever a session waits for a read, it goes on there.</summary>
    private async Task ServeAsync(IDuplexPipe transport, MqttPeer peer)
    {
        _served.Release();
        ReadResult read;
        do
        {
            read = await transport.Input.ReadAsync();
            _bytes += (int)read.Buffer.Length;
            transport.Input.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        await transport.Input.CompleteAsync();
        await transport.Output.CompleteAsync();
    }
}
