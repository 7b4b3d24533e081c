using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>One MQTT 3.1.1 connection that publishes with QoS 1 and knows when each publish left. Written from the standard, not with the codec under test.</summary>
internal sealed class LoadConnection : IDisposable
{
    // Beyond the ephemeral ports of one address; the whole of 127/8 is this machine.
    private const int PerAddress = 20_000;
    private const int AckBytes = 4;

    // Of Linux (in.h). The port is chosen with the connect, which knows the other end: a bind has to find one that nobody has, and looks for long.
    private const int LevelIp = 0;
    private const int BindAddressNoPort = 24;

    private readonly Socket _socket;
    private readonly long[] _sentAt;
    private readonly byte[] _rest = new byte[AckBytes];
    private int _restLength;
    private int _sent;
    private int _acknowledged;

    private LoadConnection(Socket socket, int window) => (_socket, _sentAt) = (socket, new long[window]);

    public Socket Socket => _socket;

    public int InFlight => _sent - _acknowledged;

    public bool HasRoom => InFlight < _sentAt.Length;

    /// <summary>Connects, and sends CONNECT; <see cref="Accept"/> takes the answer.</summary>
    public static LoadConnection Open(int port, int index, int window)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetRawSocketOption(LevelIp, BindAddressNoPort, [1, 0, 0, 0]);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + (index / PerAddress))]), 0));
        socket.Connect(IPAddress.Loopback, port);
        byte[] client = Encoding.ASCII.GetBytes($"load-{index}");
        socket.Send([0x10, (byte)(12 + client.Length), 0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, (byte)client.Length, .. client]);
        return new LoadConnection(socket, window);
    }

    /// <exception cref="IOException">The server does not want it.</exception>
    public void Accept()
    {
        byte[] answer = new byte[AckBytes];
        for (int read = 0; read < answer.Length;)
        {
            int more = _socket.Receive(answer, read, answer.Length - read, SocketFlags.None);
            read += more > 0 ? more : throw new IOException("The server hung up on CONNECT.");
        }

        if (answer[3] != 0)
        {
            throw new IOException($"CONNACK {answer[3]}");
        }

        _socket.Blocking = false;
    }

    /// <summary>Appends a PUBLISH to what is to be sent, and notes the time. Needs room in the window.</summary>
    /// <returns>The bytes it takes.</returns>
    public int Publish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, Span<byte> target)
    {
        int length = 4 + topic.Length + payload.Length;
        target[0] = 0x32;
        target[1] = (byte)(0x80 | (length & 0x7F));
        target[2] = (byte)(length >> 7);
        BinaryPrimitives.WriteUInt16BigEndian(target[3..], (ushort)topic.Length);
        topic.CopyTo(target[5..]);
        BinaryPrimitives.WriteUInt16BigEndian(target[(5 + topic.Length)..], PacketId(_sent));
        payload.CopyTo(target[(7 + topic.Length)..]);
        _sentAt[_sent++ % _sentAt.Length] = Stopwatch.GetTimestamp();
        return 3 + length;
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                throw new SocketException((int)error);
            }

            // No window fills a socket's buffers for long.
            if (error == SocketError.WouldBlock)
            {
                Thread.Sleep(1);
            }

            bytes = bytes[Math.Max(0, sent)..];
        }
    }

    /// <summary>Takes the acknowledgements that have arrived. They come in the order of the publishes.</summary>
    /// <param name="buffer">Room for what is read.</param>
    /// <param name="milliseconds">Where given, takes how long each publish had waited.</param>
    public int TakeAcknowledgements(Span<byte> buffer, List<float>? milliseconds)
    {
        _rest.AsSpan(0, _restLength).CopyTo(buffer);
        int read = _socket.Receive(buffer[_restLength..], SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return 0;
        }

        if (error != SocketError.Success || read == 0)
        {
            throw new IOException($"The server hung up: {error}");
        }

        Span<byte> arrived = buffer[..(_restLength + read)];
        long now = Stopwatch.GetTimestamp();
        int taken = 0;
        for (; arrived.Length >= AckBytes; arrived = arrived[AckBytes..])
        {
            if (arrived[0] != 0x40 || BinaryPrimitives.ReadUInt16BigEndian(arrived[2..]) != PacketId(_acknowledged))
            {
                throw new IOException("The server answers with something else than the next acknowledgement.");
            }

            milliseconds?.Add((float)Stopwatch.GetElapsedTime(_sentAt[_acknowledged % _sentAt.Length], now).TotalMilliseconds);
            _acknowledged++;
            taken++;
        }

        arrived.CopyTo(_rest);
        _restLength = arrived.Length;
        return taken;
    }

    public void Dispose() => _socket.Dispose();

    private static ushort PacketId(int publish) => (ushort)((publish % ushort.MaxValue) + 1);
}
