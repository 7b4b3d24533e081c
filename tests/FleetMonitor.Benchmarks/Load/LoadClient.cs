using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>
/// <c>load-client PORT CONNECTIONS DEVICES WINDOW</c>: publishes as it is told on stdin, in a process of its own. <c>round</c>: each device once, as
/// fast as it is taken; <c>flood SECONDS WINDOW</c>: on and on, with so many under way on each connection; <c>pace RATE SECONDS</c>: evenly. Each is
/// answered when all of it is acknowledged, with <c>published seconds p50 p99 longest</c>, the last three in milliseconds from publish to
/// acknowledgement.
/// </summary>
internal sealed class LoadClient : IDisposable
{
    public const string Command = "load-client";
    private const int ConnectAtOnce = 200;
    private const int MessageBytes = RigPayload.MaxBytes + 128;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly LoadConnection[] _connections;
    private readonly byte[][] _topics;
    private readonly int[] _next;
    private readonly Instant[] _last;
    private readonly Epoll _epoll = new();
    private readonly RigPayload _payload = new();
    private readonly byte[] _payloadBytes = new byte[RigPayload.MaxBytes];
    private readonly byte[] _outgoing;
    private readonly byte[] _incoming = new byte[64 * 1024];
    private readonly List<float> _waited = [];
    private long _inFlight;
    private long _published;

    private LoadClient(int port, int connections, int devices, int window)
    {
        _outgoing = new byte[MessageBytes * window];
        _topics = [.. Enumerable.Range(0, devices).Select(RigPayload.Topic)];
        _last = new Instant[devices];
        _next = [.. Enumerable.Range(0, connections)];
        _connections = new LoadConnection[connections];
        for (int first = 0; first < connections; first += ConnectAtOnce)
        {
            int end = Math.Min(connections, first + ConnectAtOnce);
            for (int index = first; index < end; index++)
            {
                _connections[index] = LoadConnection.Open(port, index, window);
            }

            for (int index = first; index < end; index++)
            {
                _connections[index].Accept();
                _epoll.Watch(_connections[index].Socket, index);
            }
        }
    }

    public static int Run(string[] arguments)
    {
        int[] numbers = [.. arguments.Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        using var client = new LoadClient(numbers[0], numbers[1], numbers[2], numbers[3]);
        Console.WriteLine("connected");
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            double[] values = [.. words[1..].Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            Console.WriteLine(client.Phase(words[0], values));
        }

        return 0;
    }

    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
        {
            connection.Dispose();
        }

        _epoll.Dispose();
    }

    private string Phase(string what, double[] values)
    {
        _waited.Clear();
        _published = 0;
        long began = Stopwatch.GetTimestamp();
        switch (what)
        {
            case "round":
                Round();
                break;
            case "flood":
                Flood(began, values[0], (int)values[1]);
                break;
            default:
                Pace(began, values[0], values[1]);
                break;
        }

        while (_inFlight > 0)
        {
            Pump(Patience);
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        _waited.Sort();
        float At(double share) => _waited.Count == 0 ? 0 : _waited[(int)(share * (_waited.Count - 1))];
        return string.Create(CultureInfo.InvariantCulture, $"done {_published} {seconds} {At(0.5)} {At(0.99)} {At(1)}");
    }

    private void Round()
    {
        for (int turn = 0; turn < (_topics.Length + _connections.Length - 1) / _connections.Length; turn++)
        {
            int last = Math.Min(_connections.Length, _topics.Length - (turn * _connections.Length));
            for (int index = 0; index < last; index++)
            {
                while (!_connections[index].HasRoom)
                {
                    Pump(Patience);
                }

                Publish(index, 1);
            }

            Pump(TimeSpan.Zero);
        }
    }

    private void Flood(long began, double seconds, int window)
    {
        long until = began + (long)(seconds * Stopwatch.Frequency);
        for (int index = 0; index < _connections.Length; index++)
        {
            Publish(index, window);
        }

        while (Stopwatch.GetTimestamp() < until)
        {
            Pump(Patience, until, window);
        }
    }

    private void Pace(long began, double rate, double seconds)
    {
        long all = (long)(rate * seconds);
        for (long done = 0; done < all;)
        {
            double now = Stopwatch.GetElapsedTime(began).TotalSeconds;
            for (long due = Math.Min(all, (long)(now * rate) + 1); done < due; done++)
            {
                int index = (int)(done % Math.Min(_topics.Length, _connections.Length));
                while (!_connections[index].HasRoom)
                {
                    Pump(Patience);
                }

                Publish(index, 1);
            }

            TimeSpan wait = TimeSpan.FromSeconds(done / rate) - Stopwatch.GetElapsedTime(began);
            Pump(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, Patience.Ticks)));
        }
    }

    /// <summary>Takes acknowledgements; who got one publishes at once, until a time, as many as then are under way.</summary>
    private void Pump(TimeSpan atMost, long refillUntil = 0, int window = 0)
    {
        int ready = _epoll.Wait(atMost);
        for (int i = 0; i < ready; i++)
        {
            int index = _epoll.Name(i);
            _inFlight -= _connections[index].TakeAcknowledgements(_incoming, _waited);
            if (Stopwatch.GetTimestamp() < refillUntil)
            {
                Publish(index, window - _connections[index].InFlight);
            }
        }
    }

    /// <summary>Publishes the next readings of a connection's devices in one write.</summary>
    private void Publish(int index, int readings)
    {
        LoadConnection connection = _connections[index];
        Instant now = Instant.From(DateTimeOffset.UtcNow);
        int length = 0;
        for (int count = 0; count < readings; count++)
        {
            int device = _next[index];
            _next[index] = device + _connections.Length < _topics.Length ? device + _connections.Length : index;
            // Two readings of a rig at the same time would be one.
            _last[device] = now > _last[device] ? now : _last[device].Plus(TimeSpan.FromMilliseconds(1));
            int payload = _payload.Write(device, _last[device], _payloadBytes);
            length += connection.Publish(_topics[device], _payloadBytes.AsSpan(0, payload), _outgoing.AsSpan(length));
            _published++;
            _inFlight++;
        }

        connection.Send(_outgoing.AsSpan(0, length));
    }
}
