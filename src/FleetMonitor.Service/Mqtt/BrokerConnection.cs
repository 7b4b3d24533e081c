using FleetMonitor.Mqtt.Client;

namespace FleetMonitor.Service.Mqtt;

/// <summary>An MQTT connection that a broker has accepted, with the socket that carries it.</summary>
public sealed class BrokerConnection(MqttClientConnection client, SocketConnection socket) : IAsyncDisposable
{
    public MqttClientConnection Client => client;

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await socket.DisposeAsync();
    }
}

/// <summary>The end of dialling: a connection, or the reason why trying again would not help.</summary>
public sealed record DialResult(BrokerConnection? Connection, string? Refusal);
