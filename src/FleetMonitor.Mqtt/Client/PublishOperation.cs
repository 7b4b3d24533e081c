using System.Threading.Tasks.Sources;
using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Client;

/// <summary>One publish under way; reused when its result was taken, so that publishing does not allocate.</summary>
internal sealed class PublishOperation(PublishWindow window) : IValueTaskSource<MqttPublishResult>
{
    // Continuations run elsewhere: results are set under the connection's lock.
    private ManualResetValueTaskSourceCore<MqttPublishResult> _core = new() { RunContinuationsAsynchronously = true };

    public ReadOnlyMemory<byte> Topic { get; private set; }

    public ReadOnlyMemory<byte> Payload { get; private set; }

    public MqttQos Qos { get; private set; }

    public bool Retain { get; private set; }

    public ValueTask<MqttPublishResult> Task => new(this, _core.Version);

    public void Start(ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain) =>
        (Topic, Payload, Qos, Retain) = (topic, payload, qos, retain);

    public void ForgetMessage() => (Topic, Payload) = (default, default);

    public void Complete(MqttPublishResult result) => _core.SetResult(result);

    MqttPublishResult IValueTaskSource<MqttPublishResult>.GetResult(short token)
    {
        var result = _core.GetResult(token);
        _core.Reset();
        window.Recycle(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<MqttPublishResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<MqttPublishResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
