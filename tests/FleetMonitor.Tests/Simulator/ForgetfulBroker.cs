using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FleetMonitor.Tests.Simulator;

/// <summary>
/// A broker on the loopback, written from the MQTT 5.0 text and not with the codec under test, that hangs up in the middle of things: each
/// connection but the last one of its script takes so many publishes, acknowledges all of them but the last few, and closes.
/// </summary>
internal sealed class ForgetfulBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _running;

    /// <param name="script">For each connection to come, how many publishes it takes and how many of them it answers.</param>
    public ForgetfulBroker(params (int Takes, int Answers)[] script)
    {
        _listener.Start();
        _running = Task.Run(() => RunAsync(script));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What arrived, in order.</summary>
    public ConcurrentQueue<(string Topic, string Payload)> Arrived { get; } = new();

    /// <summary>What was acknowledged.</summary>
    public ConcurrentQueue<string> Acknowledged { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _running;
    }

    private async Task RunAsync((int Takes, int Answers)[] script)
    {
        try
        {
            for (int connection = 0; ; connection++)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                (int takes, int answers) = connection < script.Length ? script[connection] : (int.MaxValue, int.MaxValue);
                await ServeAsync(client.GetStream(), takes, answers);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The listener was closed: the test is over.
        }
    }

    private async Task ServeAsync(NetworkStream stream, int takes, int answers)
    {
        try
        {
            for (int publishes = 0; publishes < takes;)
            {
                (byte header, byte[] body) = await ReadPacketAsync(stream);
                if (header >> 4 == 1)
                {
                    // CONNACK: no session, success, no properties.
                    await stream.WriteAsync(new byte[] { 0x20, 3, 0, 0, 0 });
                }
                else if (header >> 4 == 3)
                {
                    int topicLength = BinaryPrimitives.ReadUInt16BigEndian(body);
                    string topic = Encoding.UTF8.GetString(body, 2, topicLength);

                    // Packet identifier, then a property length of zero.
                    string payload = Encoding.UTF8.GetString(body.AsSpan(2 + topicLength + 3));
                    Arrived.Enqueue((topic, payload));
                    if (publishes++ < answers)
                    {
                        Acknowledged.Enqueue(payload);
                        await stream.WriteAsync(new byte[] { 0x40, 2, body[2 + topicLength], body[3 + topicLength] });
                    }
                }
                else
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The client hung up.
        }
    }

    private static async Task<(byte Header, byte[] Body)> ReadPacketAsync(NetworkStream stream)
    {
        byte[] one = new byte[1];
        await stream.ReadExactlyAsync(one);
        byte header = one[0];
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            await stream.ReadExactlyAsync(one);
            length |= (one[0] & 127) << shift;
            if (one[0] < 128)
            {
                break;
            }
        }

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (header, body);
    }
}
