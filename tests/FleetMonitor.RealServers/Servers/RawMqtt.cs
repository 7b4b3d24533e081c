using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FleetMonitor.RealServers.Servers;

/// <summary>A socket to an MQTT listener that sends what it is told, right or wrong: MQTT 3.1.1, written from the standard and not with the codec under test.</summary>
internal sealed class RawMqtt : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly List<byte> _waiting = [];
    private int _acknowledged;
    private int _published;

    private RawMqtt()
    {
    }

    /// <summary>Only connects the socket.</summary>
    public static async Task<RawMqtt> OpenAsync(int port)
    {
        var raw = new RawMqtt();
        await raw._client.ConnectAsync(IPAddress.Loopback, port);
        return raw;
    }

    /// <summary>Connects as a client.</summary>
    public static async Task<RawMqtt> ConnectAsync(int port, string clientId)
    {
        RawMqtt raw = await OpenAsync(port);
        await raw.SendAsync(Connect(clientId));
        byte[] answer = new byte[4];
        await raw._client.GetStream().ReadExactlyAsync(answer).AsTask().WaitAsync(Patience);
        return answer[3] == 0 ? raw : throw new IOException($"CONNACK {answer[3]}");
    }

    public static byte[] Connect(string clientId) => Packet(0x10, [0, 4, .. "MQTT"u8, 4, 2, 0, 0, .. Text(Encoding.UTF8.GetBytes(clientId))]);

    public static byte[] Publish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ushort id) =>
        Packet(0x32, [.. Text(topic), (byte)(id >> 8), (byte)id, .. payload]);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Publishes with QoS 1, many to a write; <see cref="FlushAsync"/> waits for the answers.</summary>
    public async Task PublishAsync(string topic, string payload)
    {
        _waiting.AddRange(Publish(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), (ushort)((_published++ % ushort.MaxValue) + 1)));
        if (_published - _acknowledged >= 500)
        {
            await FlushAsync();
        }
    }

    public async Task FlushAsync()
    {
        await SendAsync(_waiting.ToArray());
        _waiting.Clear();
        byte[] answers = new byte[4 * (_published - _acknowledged)];
        await _client.GetStream().ReadExactlyAsync(answers).AsTask().WaitAsync(Patience);
        _acknowledged = _published;
    }

    /// <summary>Waits until the other side has hung up, whatever it says before.</summary>
    public async Task ExpectHangUpAsync()
    {
        byte[] rest = new byte[4096];
        try
        {
            while (await _client.GetStream().ReadAsync(rest).AsTask().WaitAsync(Patience) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset: hung up all the same.
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] Text(ReadOnlySpan<byte> text)
    {
        byte[] bytes = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)text.Length);
        text.CopyTo(bytes.AsSpan(2));
        return bytes;
    }

    private static byte[] Packet(byte header, ReadOnlySpan<byte> body)
    {
        var packet = new List<byte> { header };
        for (int length = body.Length; ; length >>= 7)
        {
            packet.Add((byte)((length & 127) | (length > 127 ? 128 : 0)));
            if (length <= 127)
            {
                break;
            }
        }

        packet.AddRange(body);
        return [.. packet];
    }
}
