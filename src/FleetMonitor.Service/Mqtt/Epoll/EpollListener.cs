using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FleetMonitor.Mqtt.Listener;
using Microsoft.AspNetCore.Connections;

namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>What is told where one look at all connections begins and ends, so that it can hand over what came in between at once.</summary>
internal interface ISweeps
{
    /// <summary>False while what was handed over last still waits: who is read from all the same piles up.</summary>
    bool HasRoom { get; }

    void BeginSweep();

    /// <returns>How many messages the sweep brought.</returns>
    int EndSweep();
}

/// <summary>
/// Plain TCP for as many clients as there are descriptors, on one thread:
/// <code>
///        ┌───────────────────────────────── one sweep ─────────────────────────────────┐
///   wait │ accept ─▶ for each that has sent: recv ─▶ its session: decode, to the batch │ batch ─▶ pipeline
///    ▲   └─────────────────────────────────────────────────────────────────────────────┘            │
///    └──── pause, while messages keep coming ◀── acks: one send each, by whoever committed ◀────────┘
/// </code>
/// The first message after a silence is read at once. While they keep coming, they gather in the kernel before the next look, as long as the pace of
/// those who send allows (<see cref="SweepPause"/>), and become one commit. A pipeline that has nothing else to do commits on this thread, so that a
/// quiet fleet is served without any other.
/// </summary>
/// <remarks>
/// Beyond the sessions themselves an idle connection costs what <see cref="EpollConnection"/> holds; there is no timer, buffer or task for it.
/// </remarks>
internal sealed class EpollListener : IEpollLoop, IAsyncDisposable
{
    private const int Backlog = 4_096;
    private const int ReadyAtOnce = 1_024;
    private const int AcceptsAtOnce = 256;
    private const int ForEver = -1;

    /// <summary>More than this came at once from clients in a hurry: more may be there already.</summary>
    private const int BusyBytes = 32 * 1024;

    /// <summary>So much is handed over before all are read from.</summary>
    private const int LargeBatchBytes = 128 * 1024;

    /// <summary>How often to look whether there is room again where there was none.</summary>
    private static readonly TimeSpan WaitForRoom = TimeSpan.FromMilliseconds(2);

    /// <summary>How long to wait for descriptors where there are none left.</summary>
    private const int AcceptAgainMilliseconds = 100;

    private readonly Socket _listening;
    private readonly Func<IDuplexPipe, MqttPeer, Task> _serve;
    private readonly ISweeps _sweeps;
    private readonly SweepPause _pause;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Poller _poller = new(ReadyAtOnce);
    private readonly ConcurrentQueue<EpollConnection> _attention = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EpollConnection?[] _connections = new EpollConnection?[1_024];
    private int _open;
    private bool _mayAccept = true;
    private bool _hasNoDescriptors;
    private volatile bool _isClosing;

    /// <param name="serve">Serves one client; completes, without a fault, when it no longer uses the pipes.</param>
    /// <param name="shortestPause">How long messages gather between reads while they keep coming from clients in a hurry.</param>
    /// <exception cref="IOException">The address is taken, or not of this machine.</exception>
    public EpollListener(
        IPEndPoint address, Func<IDuplexPipe, MqttPeer, Task> serve, ISweeps sweeps, TimeSpan shortestPause, TimeProvider time)
    {
        (_serve, _sweeps, _pause, _time) = (serve, sweeps, new SweepPause(shortestPause), time);
        _began = time.GetTimestamp();
        _listening = Listen(address);
        _poller.TryWatch((int)_listening.Handle);
        _thread = new Thread(Run) { IsBackground = true, Name = "MQTT listener" };
        _thread.Start();
    }

    /// <summary>Whether this machine has what it takes.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public int Port => ((IPEndPoint)_listening.LocalEndPoint!).Port;

    void IEpollLoop.Attend(EpollConnection connection)
    {
        _attention.Enqueue(connection);
        if (Thread.CurrentThread != _thread)
        {
            _poller.Wake();
        }
    }

    void IEpollLoop.WatchForWriting(EpollConnection connection) => _poller.WatchForWriting(connection.Descriptor);

    /// <summary>Takes no new clients, and ends when the last of those it has is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        _poller.Wake();
        await _ended.Task;
        _poller.Dispose();
    }

    private static Socket Listen(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            // What is set here holds for every connection that comes of it. Who vanished without a word, and asked for no keep-alive, is noticed
            // by the system.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.NoDelay = true;
            socket.Blocking = false;
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(
                $"tcp://{address}: {e.Message}", e.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(e.Message, e) : e);
        }
    }

    private void Run()
    {
        while (!_isClosing || _open > 0)
        {
            while (!_sweeps.HasRoom && !_isClosing)
            {
                Thread.Sleep(WaitForRoom);
            }

            int ready = _poller.Wait(_hasNoDescriptors ? AcceptAgainMilliseconds : _attention.IsEmpty && !_mayAccept ? ForEver : 0);
            _sweeps.BeginSweep();
            var sweep = new Sweep(_time.GetElapsedTime(_began));
            Read(ready, ref sweep);
            bool wasAsked = Attend(ref sweep);
            Accept(sweep.Began);
            int messages = _sweeps.EndSweep();
            if (messages == 0)
            {
                continue;
            }

            TimeSpan pause = _pause.After(sweep.Began, sweep.Hastiest);
            bool hasMore = ready == _poller.AtOnce || wasAsked || (_mayAccept && !_hasNoDescriptors);
            bool isFlooded = sweep.Bytes >= BusyBytes && pause == _pause.Shortest;
            if (!hasMore && !isFlooded)
            {
                _poller.Pause(pause);
            }
        }

        _ended.SetResult();
    }

    private void Read(int ready, ref Sweep sweep)
    {
        long largest = LargeBatchBytes;
        for (int i = 0; i < ready; i++)
        {
            (int descriptor, Readiness readiness) = _poller.News(i);
            if (descriptor < _connections.Length && _connections[descriptor] is { } connection)
            {
                if (!_sweeps.HasRoom)
                {
                    connection.Note(readiness);
                    _attention.Enqueue(connection);
                    continue;
                }

                sweep.Add(connection, connection.OnReady(readiness));
                if (sweep.Bytes >= largest)
                {
                    _sweeps.EndSweep();
                    _sweeps.BeginSweep();
                    largest = sweep.Bytes + LargeBatchBytes;
                }
            }
            else
            {
                _mayAccept |= readiness != Readiness.None;
            }
        }
    }

    /// <summary>Looks after those who asked before now; who asks meanwhile has its turn after the others are read from.</summary>
    private bool Attend(ref Sweep sweep)
    {
        int count = _attention.Count;
        for (int i = 0; i < count && (_sweeps.HasRoom || _isClosing) && _attention.TryDequeue(out EpollConnection? connection); i++)
        {
            if (!connection.IsDone)
            {
                sweep.Add(connection, connection.Attend());
            }
            else if (_connections[connection.Descriptor] == connection)
            {
                _connections[connection.Descriptor] = null;
                _open--;
                LinuxSocket.Close(connection.Descriptor);
            }
        }

        return count > 0;
    }

    private void Accept(TimeSpan now)
    {
        if (_isClosing && !_listening.SafeHandle.IsClosed)
        {
            _listening.Dispose();
        }

        for (int i = 0; i < AcceptsAtOnce && _mayAccept && !_isClosing; i++)
        {
            int descriptor = LinuxSocket.Accept((int)_listening.Handle, out IPEndPoint? remote);
            if (descriptor >= 0)
            {
                _hasNoDescriptors = false;
                Begin(descriptor, remote, now);
                continue;
            }

            // Whatever else failed is over with the client it concerned.
            int error = LinuxSocket.Error;
            _hasNoDescriptors = error is LinuxSocket.TooManyOfProcess or LinuxSocket.TooManyOfSystem or LinuxSocket.NoMemory or LinuxSocket.NoBuffers;
            _mayAccept = error != LinuxSocket.WouldBlock;
            if (_hasNoDescriptors)
            {
                return;
            }
        }
    }

    private void Begin(int descriptor, IPEndPoint? remote, TimeSpan now)
    {
        if (!_poller.TryWatch(descriptor))
        {
            LinuxSocket.Close(descriptor);
            return;
        }

        var connection = new EpollConnection(this, descriptor, now);
        if (descriptor >= _connections.Length)
        {
            Array.Resize(ref _connections, descriptor * 2);
        }

        _connections[descriptor] = connection;
        _open++;
        _ = ServeAsync(connection, new MqttPeer(remote));
    }

    private async Task ServeAsync(EpollConnection connection, MqttPeer peer)
    {
        try
        {
            await _serve(connection, peer);
        }
        finally
        {
            connection.IsDone = true;
            ((IEpollLoop)this).Attend(connection);
        }
    }

    /// <summary>What one look at all connections found.</summary>
    private struct Sweep(TimeSpan began)
    {
        public TimeSpan Began { get; } = began;

        public long Bytes { get; private set; }

        /// <summary>The least pace of those that had sent something; zero where nobody had.</summary>
        public TimeSpan Hastiest { get; private set; }

        public void Add(EpollConnection connection, int bytes)
        {
            if (bytes == 0)
            {
                return;
            }

            TimeSpan pace = connection.Pace.Sent(Began);
            Hastiest = Bytes > 0 && Hastiest < pace ? Hastiest : pace;
            Bytes += bytes;
        }
    }
}
