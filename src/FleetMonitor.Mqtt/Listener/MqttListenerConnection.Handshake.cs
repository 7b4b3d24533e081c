using System.Security.Cryptography;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>From the first byte to CONNACK.</summary>
public sealed partial class MqttListenerConnection
{
    /// <summary>Nobody knows the client yet: it may not make us keep more than this.</summary>
    private const int LargestConnect = 32 * 1024;

    private async ValueTask<bool> ShakeHandsAsync(CancellationToken cancellation)
    {
        if (await ReadConnectAsync() is not { } connect)
        {
            return false;
        }

        Version = connect.Version;
        UserName = connect.UserName;
        if (Identify(connect) is { } invalid)
        {
            return Refuse(invalid);
        }

        MqttReasonCode reason;
        try
        {
            reason = await _listener.Handler.AuthenticateAsync(this, connect, cancellation);
            if (reason == MqttReasonCode.Success && connect.Will is { } will)
            {
                reason = _listener.Handler.AuthorizePublish(this, will.Topic.Span);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            throw new HandlerException(exception);
        }

        if (reason != MqttReasonCode.Success)
        {
            return Refuse(reason);
        }

        await TakeOverAsync(cancellation);
        return Accept(connect);
    }

    private async ValueTask<MqttConnect?> ReadConnectAsync()
    {
        var limit = Math.Min(LargestConnect, _listener.Options.MaximumPacketSize);
        while (true)
        {
            var result = await _input.ReadAsync();
            if (_ended)
            {
                return null;
            }

            var rest = result.Buffer;
            var status = MqttDecoder.Decode(ref rest, MqttVersion.V5, limit, out var packet, out var error);
            if (status == MqttDecodeStatus.NeedMore)
            {
                _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted)
                {
                    return null;
                }

                continue;
            }

            // What the client sent behind CONNECT without waiting is read again by the receive loop.
            _input.AdvanceTo(rest.Start);
            if (packet.Body is MqttConnect connect)
            {
                return connect;
            }

            var code = status == MqttDecodeStatus.Error ? error.Code : MqttReasonCode.ProtocolError;
            if (code == MqttReasonCode.UnsupportedProtocolVersion)
            {
                // The one refusal that a client of any version can read (3.1.1, table 3.1).
                Refuse(code);
            }
            else
            {
                _listener.Counters.Refused(MqttRefusal.Protocol, code);
            }

            return null;
        }
    }

    /// <summary>In characters. A name stands in logs and in what is kept of refused messages: 64 kB of it would be a weapon.</summary>
    private const int LongestClientId = 256;

    /// <summary>Settles the client's id; a reason where the CONNECT can not be accepted as it stands.</summary>
    private MqttReasonCode? Identify(MqttConnect connect)
    {
        ClientId = connect.ClientId;
        if (ClientId.Length == 0)
        {
            if (Version == MqttVersion.V311 && !connect.CleanStart)
            {
                return MqttReasonCode.ClientIdentifierNotValid;
            }

            ClientId = $"auto-{RandomNumberGenerator.GetHexString(20, lowercase: true)}";
        }

        if (ClientId.Length > LongestClientId)
        {
            ClientId = string.Empty;
            return MqttReasonCode.ClientIdentifierNotValid;
        }

        return connect.Properties.Text(MqttPropertyId.AuthenticationMethod) is not null
            ? MqttReasonCode.BadAuthenticationMethod
            : null;
    }

    private bool Refuse(MqttReasonCode reason)
    {
        _listener.Counters.Refused(MqttRefusal.Connect, reason);
        lock (_outbound.Gate)
        {
            if (!_ended)
            {
                MqttEncoder.WriteConnAck(_outbound, Version, new MqttConnAck(false, reason));
                _outbound.Signal();
            }
        }

        return false;
    }

    private async ValueTask TakeOverAsync(CancellationToken cancellation)
    {
        if (_listener.Claim(this) is not { } former)
        {
            return;
        }

        // Taken before it winds up and published here: the will comes before our first message.
        var will = former.TakeWill();
        if (former.End(MqttReasonCode.SessionTakenOver))
        {
            _listener.Counters.Refused(MqttRefusal.TakenOver, MqttReasonCode.SessionTakenOver);
        }

        await PublishWillAsync(will, cancellation);
    }

    private bool Accept(MqttConnect connect)
    {
        _silenceAllowed = TimeSpan.FromSeconds(connect.KeepAlive * 1.5);
        _subscriberReceiveMaximum =
            (int)(connect.Properties.Number(MqttPropertyId.ReceiveMaximum) ?? ushort.MaxValue);
        _subscriberPacketSize = connect.Properties.Number(MqttPropertyId.MaximumPacketSize) ?? long.MaxValue;
        Volatile.Write(ref _lastHeard, _listener.Time.GetTimestamp());
        lock (_outbound.Gate)
        {
            if (_ended)
            {
                return false;
            }

            var properties = Version == MqttVersion.V5 ? Announcement(connect) : default;
            MqttEncoder.WriteConnAck(_outbound, Version, new MqttConnAck(false, MqttReasonCode.Success, properties));
            _outbound.Signal();
            _will = connect.Will;
            _connected = true;
        }

        if (_silenceAllowed > TimeSpan.Zero)
        {
            _listener.Watch(this, _silenceAllowed);
        }

        _listener.Counters.Accepted();
        return true;
    }

    private MqttProperties Announcement(MqttConnect connect)
    {
        var options = _listener.Options;
        var writer = new MqttPropertyWriter()
            .Add(MqttPropertyId.SessionExpiryInterval, 0)
            .Add(MqttPropertyId.ReceiveMaximum, options.ReceiveMaximum)
            .Add(MqttPropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize)
            .Add(MqttPropertyId.TopicAliasMaximum, options.TopicAliasMaximum)
            .Add(MqttPropertyId.SubscriptionIdentifierAvailable, 0)
            .Add(MqttPropertyId.SharedSubscriptionAvailable, 0);
        if (connect.ClientId.Length == 0)
        {
            writer.Add(MqttPropertyId.AssignedClientIdentifier, ClientId);
        }

        return writer.Build();
    }
}
