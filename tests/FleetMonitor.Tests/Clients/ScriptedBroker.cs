using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Tests.Mqtt;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>A broker on the loopback whose every answer is the test's.</summary>
internal sealed class ScriptedBroker : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;

    public ScriptedBroker(MqttVersion version = MqttVersion.V5, X509Certificate2? certificate = null)
    {
        (Version, _certificate) = (version, certificate);
        _listener.Start();
    }

    public MqttVersion Version { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next connection, before its CONNECT.</summary>
    public async Task<Peer> AcceptAsync()
    {
        Socket socket = await _listener.AcceptSocketAsync().WaitAsync(Patience);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is not null)
        {
            var secured = new SslStream(stream);
            await secured.AuthenticateAsServerAsync(_certificate);
            stream = secured;
        }

        return new Peer(stream, Version);
    }

    /// <summary>The next connection, accepted.</summary>
    public async Task<Peer> WelcomeAsync(bool sessionPresent = false)
    {
        Peer peer = await AcceptAsync();
        Assert.Equal(MqttPacketType.Connect, (await peer.ReceiveAsync()).Type);
        await peer.SendAsync(peer.ConnAck(sessionPresent));
        return peer;
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>The broker's end of one connection.</summary>
    internal sealed class Peer(Stream stream, MqttVersion version) : IDisposable
    {
        private byte[] _unread = [];

        public byte[] ConnAck(bool sessionPresent = false, MqttReasonCode reason = MqttReasonCode.Success) =>
            Wire.Write(writer => MqttEncoder.WriteConnAck(writer, version, new MqttConnAck(sessionPresent, reason)));

        public byte[] Publish(ushort id, string payload, bool retain = false, bool duplicate = false) => Wire.Write(writer => MqttEncoder.WritePublish(
            writer, version, "t"u8, Encoding.UTF8.GetBytes(payload), id == 0 ? MqttQos.AtMostOnce : MqttQos.AtLeastOnce, id, retain, duplicate));

        public async Task SendAsync(params byte[][] packets) => await stream.WriteAsync(packets.SelectMany(packet => packet).ToArray());

        /// <summary>The next packet but a ping; its memory is its own.</summary>
        public async Task<MqttPacket> ReceiveAsync()
        {
            while (true)
            {
                MqttPacket packet = await ReceiveAnyAsync();
                if (packet.Type != MqttPacketType.PingReq)
                {
                    return packet;
                }

                await SendAsync(Wire.Write(MqttEncoder.WritePingResp));
            }
        }

        public async Task<MqttPacket> ReceiveAnyAsync()
        {
            byte[] buffer = new byte[64 * 1024];
            while (true)
            {
                var input = new ReadOnlySequence<byte>(_unread);
                MqttDecodeStatus status = MqttDecoder.Decode(ref input, version, Wire.Limit, out MqttPacket packet, out MqttProtocolError error);
                Assert.True(status != MqttDecodeStatus.Error, error.ToString());
                if (status == MqttDecodeStatus.Packet)
                {
                    _unread = input.ToArray();
                    return packet;
                }

                int length = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);
                Assert.True(length > 0, "The client closed instead of sending a packet.");
                _unread = [.. _unread, .. buffer.AsSpan(0, length)];
            }
        }

        /// <summary>Answers a SUBSCRIBE or UNSUBSCRIBE that must come next.</summary>
        /// <returns>It.</returns>
        public async Task<T> AnswerAsync<T>(params MqttReasonCode[] reasons)
            where T : class
        {
            MqttPacket packet = await ReceiveAsync();
            T request = Assert.IsType<T>(packet.Body);
            (MqttPacketType type, ushort id) = request is MqttSubscribe subscribe
                ? (MqttPacketType.SubAck, subscribe.PacketId)
                : (MqttPacketType.UnsubAck, ((MqttUnsubscribe)(object)request).PacketId);
            await SendAsync(Wire.Write(writer => MqttEncoder.WriteSubscribeAck(writer, version, type, new MqttSubscribeAck(id, reasons))));
            return request;
        }

        public async Task AcknowledgeAsync(ushort id) =>
            await SendAsync(Wire.Write(writer => MqttEncoder.WriteAcknowledgement(writer, version, MqttPacketType.PubAck, id)));

        /// <summary>Waits until the client has closed; packets that still come are given.</summary>
        public async Task<IReadOnlyList<MqttPacketType>> RestAsync()
        {
            var types = new List<MqttPacketType>();
            byte[] buffer = new byte[64 * 1024];
            while (true)
            {
                var input = new ReadOnlySequence<byte>(_unread);
                while (MqttDecoder.Decode(ref input, version, Wire.Limit, out MqttPacket packet, out _) == MqttDecodeStatus.Packet)
                {
                    types.Add(packet.Type);
                }

                _unread = input.ToArray();
                int length = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);
                if (length == 0)
                {
                    return types;
                }

                _unread = [.. _unread, .. buffer.AsSpan(0, length)];
            }
        }

        public void Dispose() => stream.Dispose();
    }
}
