namespace FleetMonitor.Mqtt.Transport;

/// <summary>A byte stream that is read with pauses, and knows when one would come too early.</summary>
public interface IPacedTransport
{
    /// <summary>The last read took as much as it had room for: more is there already.</summary>
    bool LeftMore { get; }
}
