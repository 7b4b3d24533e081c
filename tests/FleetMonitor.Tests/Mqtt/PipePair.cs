using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>A byte stream in memory: one end for the code under test, the other driven by the test.</summary>
internal sealed class PipePair : WireEnd
{
    private readonly Pipe _toSubject = new();
    private readonly Pipe _fromSubject = new();

    public PipePair(MqttVersion version)
        : base(version)
    {
        Subject = new End(_toSubject.Reader, _fromSubject.Writer);
        Other = new End(_fromSubject.Reader, _toSubject.Writer);
    }

    public IDuplexPipe Subject { get; }

    public override IDuplexPipe Other { get; }

    public override async Task SendAsync(byte[] bytes) => await _toSubject.Writer.WriteAsync(bytes);

    public override Task CutAsync() => _toSubject.Writer.CompleteAsync().AsTask();

    public override Task BreakAsync() => _toSubject.Writer.CompleteAsync(new IOException("reset")).AsTask();

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
