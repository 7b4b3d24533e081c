namespace FleetMonitor.Mqtt.Protocol;

/// <summary>CONNACK return codes of MQTT 3.1.1 (table 3.1) and their MQTT 5.0 reason codes.</summary>
public static class MqttReturnCode
{
    /// <summary>The reason code for a 3.1.1 return code, or null where 3.1.1 reserves the value.</summary>
    public static MqttReasonCode? ToReason(byte returnCode) => returnCode switch
    {
        0 => MqttReasonCode.Success,
        1 => MqttReasonCode.UnsupportedProtocolVersion,
        2 => MqttReasonCode.ClientIdentifierNotValid,
        3 => MqttReasonCode.ServerUnavailable,
        4 => MqttReasonCode.BadUserNameOrPassword,
        5 => MqttReasonCode.NotAuthorized,
        _ => null,
    };

    /// <summary>The nearest 3.1.1 return code for a reason code.</summary>
    public static byte FromReason(MqttReasonCode reason) => reason switch
    {
        MqttReasonCode.Success => 0,
        MqttReasonCode.UnsupportedProtocolVersion => 1,
        MqttReasonCode.ClientIdentifierNotValid => 2,
        MqttReasonCode.BadUserNameOrPassword => 4,
        MqttReasonCode.NotAuthorized or MqttReasonCode.Banned or MqttReasonCode.BadAuthenticationMethod => 5,
        _ => 3,
    };
}
