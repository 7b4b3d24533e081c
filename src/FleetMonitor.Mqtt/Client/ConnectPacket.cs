using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Client;

/// <summary>Between options and CONNECT, and between CONNACK and facts.</summary>
internal static class ConnectPacket
{
    public static MqttConnect Build(MqttClientOptions options) => new()
    {
        Version = options.Version,
        ClientId = options.ClientId,
        CleanStart = options.CleanStart,
        KeepAlive = (ushort)Math.Clamp(options.KeepAlive.TotalSeconds, 0, ushort.MaxValue),
        UserName = options.UserName,
        Password = options.Password,
        Will = options.Will,
        Properties = options.Version == MqttVersion.V5 ? BuildProperties(options) : default,
    };

    public static MqttServerFacts Read(MqttConnAck connAck, MqttClientOptions options)
    {
        var properties = connAck.Properties;
        return new MqttServerFacts
        {
            SessionPresent = connAck.SessionPresent,
            ClientId = properties.Text(MqttPropertyId.AssignedClientIdentifier) ?? options.ClientId,
            KeepAlive = properties.Number(MqttPropertyId.ServerKeepAlive) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : options.KeepAlive,
            MaximumQos = (MqttQos)(properties.Number(MqttPropertyId.MaximumQos) ?? (uint)MqttQos.ExactlyOnce),
            RetainAvailable = properties.Number(MqttPropertyId.RetainAvailable) != 0,
            WildcardSubscriptionAvailable = properties.Number(MqttPropertyId.WildcardSubscriptionAvailable) != 0,
            ReceiveMaximum = (int)(properties.Number(MqttPropertyId.ReceiveMaximum) ?? ushort.MaxValue),
            MaximumPacketSize = properties.Number(MqttPropertyId.MaximumPacketSize) ?? long.MaxValue,
            SessionExpiry = properties.Number(MqttPropertyId.SessionExpiryInterval) is { } expiry
                ? TimeSpan.FromSeconds(expiry)
                : null,
        };
    }

    private static MqttProperties BuildProperties(MqttClientOptions options) => new MqttPropertyWriter()
        .Add(
            MqttPropertyId.SessionExpiryInterval,
            (uint)Math.Clamp(options.SessionExpiry.TotalSeconds, 0, uint.MaxValue))
        .Add(MqttPropertyId.ReceiveMaximum, options.ReceiveMaximum)
        .Add(MqttPropertyId.TopicAliasMaximum, options.TopicAliasMaximum)
        .Add(MqttPropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize)
        .Build();
}
