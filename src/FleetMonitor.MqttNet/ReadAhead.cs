using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Packets;

namespace FleetMonitor.MqttNet;

/// <summary>
/// Bounds what MQTTnet reads ahead. Its queue of received messages has no bound, and a broker's Receive Maximum counts neither QoS 0 nor bytes:
/// here, between its reader and the network, nothing more is read while too much waits to be handed over, so that back-pressure reaches the
/// broker.
/// </summary>
internal sealed class ReadAhead : IMqttClientAdapterFactory
{
    /// <summary>Bytes that may wait; one packet may exceed it.</summary>
    public const long MaximumBytes = 4 * 1024 * 1024;

    /// <summary>What a message costs beside its payload and topic.</summary>
    private const int Overhead = 512;

    private readonly Lock _lock = new();
    private long _bytes;
    private int _openPings;
    private TaskCompletionSource? _wake;

    public static long Size(string topic, long payload) => Encoding.UTF8.GetByteCount(topic) + payload + Overhead;

    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        new Reader(new MqttClientAdapterFactory().CreateClientAdapter(options, packetInspector, logger), this);

    /// <summary>Makes room for more.</summary>
    public void HandedOver(long bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            _wake?.TrySetResult();
        }
    }

    private void PingSent()
    {
        lock (_lock)
        {
            _openPings++;
            _wake?.TrySetResult();
        }
    }

    private void Received(MqttPacket packet)
    {
        lock (_lock)
        {
            switch (packet)
            {
                case MqttPublishPacket publish:
                    _bytes += Size(publish.Topic, publish.Payload.Length);
                    break;
                case MqttPingRespPacket when _openPings > 0:
                    _openPings--;
                    break;
            }
        }
    }

    /// <summary>
    /// Waits for room. Meanwhile it answers pings itself: it is us who do not read, and MQTTnet would take the broker for dead.
    /// </summary>
    /// <returns>What to receive instead of what the network has; null where there is room.</returns>
    private async Task<MqttPacket?> RoomAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task wake;
            lock (_lock)
            {
                if (_bytes < MaximumBytes)
                {
                    return null;
                }

                if (_openPings > 0)
                {
                    _openPings--;
                    return MqttPingRespPacket.Instance;
                }

                _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wake = _wake.Task;
            }

            await wake.WaitAsync(cancellation);
        }
    }

    private sealed class Reader(IMqttChannelAdapter inner, ReadAhead readAhead) : IMqttChannelAdapter
    {
        public long BytesReceived => inner.BytesReceived;

        public long BytesSent => inner.BytesSent;

        public X509Certificate2 ClientCertificate => inner.ClientCertificate;

        public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

        public EndPoint LocalEndPoint => inner.LocalEndPoint;

        public bool IsSecureConnection => inner.IsSecureConnection;

        public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

        public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

        public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

        public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
        {
            if (await readAhead.RoomAsync(cancellationToken) is { } answer)
            {
                return answer;
            }

            MqttPacket packet = await inner.ReceivePacketAsync(cancellationToken);
            readAhead.Received(packet);
            return packet;
        }

        public void ResetStatistics() => inner.ResetStatistics();

        public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
        {
            if (packet is MqttPingReqPacket)
            {
                readAhead.PingSent();
            }

            return inner.SendPacketAsync(packet, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}
