using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Service.Identity;
using FleetMonitor.Tests.Mqtt;
using Xunit;

namespace FleetMonitor.Tests.Identity;

public sealed class ListenerAccessTests
{
    private static readonly string Users =
        $$"""
        {"subscribe":["fleet/+/%u/anomaly"],"users":[
         {"name":"rig-1","password":"{{GuardedListener.Hash("one")}}"},
         {"name":"rig-2","password":"{{GuardedListener.Hash("two")}}"},
         {"name":"site-1","password":"{{GuardedListener.Hash("site")}}","publish":["fleet/site-1/#","status/%c"]},
         {"name":"gone","password":"{{GuardedListener.Hash("gone")}}","disabled":true}]}
        """;

    [Theory]
    [InlineData("rig-1", "one", MqttReasonCode.Success)]
    [InlineData("rig-1", "two", MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("rig-1", null, MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("rig-9", "one", MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("gone", "gone", MqttReasonCode.BadUserNameOrPassword)]
    [InlineData(null, null, MqttReasonCode.NotAuthorized)]
    public async Task Login_IsTakenOrRefused_AndCounted(string? user, string? password, MqttReasonCode expected)
    {
        await using var listener = new GuardedListener(Users);

        Assert.Equal(expected, (await listener.ConnectAsync(user, password)).Reason);

        Assert.Equal(expected == MqttReasonCode.Success ? 0 : 1, listener.Refused(MqttRefusal.Connect, expected));
    }

    [Fact]
    public async Task Rig_PublishingAsAnotherIn5_IsToldSo_AndTheRestOfItsMessagesCount()
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("rig-1", "one");

        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-2/telemetry", id: 1);
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/telemetry", id: 2);

        MqttPacket refused = await client.ReceiveAsync();
        MqttPacket taken = await client.ReceiveAsync();
        Assert.Equal((MqttPacketType.PubAck, 1, MqttReasonCode.NotAuthorized), (refused.Type, refused.PacketId, refused.Reason));
        Assert.Equal((MqttPacketType.PubAck, 2, MqttReasonCode.Success), (taken.Type, taken.PacketId, taken.Reason));
        Assert.Equal("fleet/site-1/rig-1/telemetry", await listener.NextAsync());
        Assert.True(listener.NothingCame);
        Assert.Equal(1, listener.Refused(MqttRefusal.Publish, MqttReasonCode.NotAuthorized));
    }

    [Fact]
    public async Task Rig_PublishingAsAnotherIn311_IsClosedWithoutAnAcknowledgement()
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("rig-1", "one", version: MqttVersion.V311);

        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-2/telemetry");

        await client.ExpectEndAsync();
        Assert.True(listener.NothingCame);
        Assert.Equal(1, listener.Refused(MqttRefusal.Publish, MqttReasonCode.NotAuthorized));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Rig_PublishingAsAnotherWithQos0_LosesTheMessageOnly(MqttVersion version)
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("rig-1", "one", version: version);

        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-2/telemetry", MqttQos.AtMostOnce);
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/telemetry", MqttQos.AtMostOnce);

        Assert.Equal("fleet/site-1/rig-1/telemetry", await listener.NextAsync());
        Assert.Equal(1, listener.Refused(MqttRefusal.Publish, MqttReasonCode.NotAuthorized));
    }

    [Theory]
    [InlineData("site-1", "site", "gateway", "fleet/site-1/rig-7/telemetry", true)]
    [InlineData("site-1", "site", "gateway", "fleet/site-2/rig-7/telemetry", false)]
    [InlineData("site-1", "site", "gateway", "status/gateway", true)]
    [InlineData("site-1", "site", "+", "status/+x", false)]
    [InlineData("site-1", "site", "gateway", "$SYS/x", false)]
    [InlineData("rig-1", "one", "rig-2", "fleet/x/rig-2/telemetry", false)]
    public async Task Topic_IsGrantedByUserAndClientId(string user, string password, string clientId, string topic, bool isAllowed)
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync(user, password, clientId);

        // A plus sign is no topic name: written on the wire all the same.
        await GuardedListener.PublishAsync(client, topic.Replace("+x", "-", StringComparison.Ordinal));

        Assert.Equal(isAllowed ? MqttReasonCode.Success : MqttReasonCode.NotAuthorized, (await client.ReceiveAsync()).Reason);
    }

    [Theory]
    [InlineData("rig-1", "one", "fleet/site-1/rig-1/anomaly")]
    [InlineData("site-1", "site", "fleet/site-1/rig-7/anomaly")]
    [InlineData("site-1", "site", "fleet/site-1/site/anomaly")]
    public async Task Alert_FromAnybodyButTheService_IsRefusedAndCounted(string user, string password, string topic)
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync(user, password);

        await GuardedListener.PublishAsync(client, topic);

        Assert.Equal(MqttReasonCode.TopicNameInvalid, (await client.ReceiveAsync()).Reason);
        Assert.True(listener.NothingCame);
        Assert.Equal(1, listener.Refused(MqttRefusal.Publish, MqttReasonCode.TopicNameInvalid));

        var will = new MqttWill(Encoding.UTF8.GetBytes(topic), "{}"u8.ToArray(), MqttQos.AtLeastOnce, false);
        Assert.Equal(MqttReasonCode.TopicNameInvalid, (await listener.ConnectAsync(user, password, "other", will: will)).Reason);
    }

    [Fact]
    public async Task Alert_FromWhoNeedsNotSayWhoItIs_IsRefusedToo()
    {
        await using var listener = new GuardedListener("{}");
        (PipePair client, _) = await listener.ConnectAsync(null, null);

        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/anomaly");
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/x/anomaly", id: 2);

        Assert.Equal(MqttReasonCode.TopicNameInvalid, (await client.ReceiveAsync()).Reason);
        Assert.Equal(MqttReasonCode.Success, (await client.ReceiveAsync()).Reason);
    }

    [Theory]
    [InlineData("fleet/site-1/rig-1/anomaly", true)]
    [InlineData("fleet/+/rig-1/anomaly", true)]
    [InlineData("fleet/#", false)]
    [InlineData("fleet/+/+/anomaly", false)]
    [InlineData("fleet/site-1/rig-2/anomaly", false)]
    public async Task Subscription_IsGrantedOnlyWithinTheUsersTopics(string filter, bool isGranted)
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("rig-1", "one");

        await client.SendAsync(Wire.Write(writer => MqttEncoder.WriteSubscribe(
            writer, MqttVersion.V5, new MqttSubscribe(1, [new(filter, MqttQos.AtLeastOnce, false, true, MqttRetainHandling.DoNotSend)]))));

        MqttReasonCode reason = ((MqttSubscribeAck)(await client.ReceiveAsync()).Body!).Reasons.Single();
        Assert.Equal(isGranted ? MqttReasonCode.GrantedQos1 : MqttReasonCode.NotAuthorized, reason);
    }

    [Fact]
    public async Task Will_OnATopicOfAnother_IsRefusedAtConnect()
    {
        await using var listener = new GuardedListener(Users);

        var will = new MqttWill("fleet/site-1/rig-2/status"u8.ToArray(), "offline"u8.ToArray(), MqttQos.AtLeastOnce, false);

        Assert.Equal(MqttReasonCode.NotAuthorized, (await listener.ConnectAsync("rig-1", "one", will: will)).Reason);
    }

    [Fact]
    public async Task ClientId_OfAnotherUser_TakesNothingOver()
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("rig-1", "one", "shared");

        await listener.ConnectAsync("rig-2", "two", "shared");
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/telemetry");

        Assert.Equal(MqttPacketType.PubAck, (await client.ReceiveAsync()).Type);
        Assert.Equal(0, listener.Refused(MqttRefusal.TakenOver, MqttReasonCode.SessionTakenOver));
    }

    [Fact]
    public async Task Certificate_LogsInByItsCommonName()
    {
        await using var listener = new GuardedListener(Users);

        (PipePair client, MqttReasonCode reason) = await listener.ConnectAsync(null, null, certificate: "rig-5");
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-5/telemetry");
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/telemetry", id: 2);

        Assert.Equal(MqttReasonCode.Success, reason);
        Assert.Equal(MqttReasonCode.Success, (await client.ReceiveAsync()).Reason);
        Assert.Equal(MqttReasonCode.NotAuthorized, (await client.ReceiveAsync()).Reason);
    }

    [Theory]
    [InlineData("rig-5", "rig-1", MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("rig-5", "rig-5", MqttReasonCode.Success)]
    [InlineData("gone", null, MqttReasonCode.Banned)]
    public async Task Certificate_WithAnotherUserNameOrTakenBack_IsRefused(string certificate, string? user, MqttReasonCode expected)
    {
        await using var listener = new GuardedListener(Users);

        Assert.Equal(expected, (await listener.ConnectAsync(user, "one", certificate: certificate)).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Certificate_Revoked_IsCutOffAndStaysOut_AndANewOneOfItsNameComesIn(bool byFingerprint)
    {
        using X509Certificate2 stolen = GuardedListener.Certificate("rig-5");
        using X509Certificate2 renewed = GuardedListener.Certificate("rig-5");
        await using var listener = new GuardedListener(Users);
        (PipePair thief, _) = await listener.ConnectAsync(null, null, "thief", shown: stolen);
        (PipePair rig, _) = await listener.ConnectAsync(null, null, "rig", shown: renewed);
        string entry = byFingerprint ? stolen.GetCertHashString(HashAlgorithmName.SHA256) : "00" + stolen.SerialNumber.ToLowerInvariant();

        Assert.Empty(listener.Rewrite(Users.Replace("\"users\"", $"\"revoked\":[\"{entry}\"],\"users\"", StringComparison.Ordinal)));

        MqttPacket goodbye = await thief.ReceiveAsync();
        Assert.Equal((MqttPacketType.Disconnect, MqttReasonCode.NotAuthorized), (goodbye.Type, goodbye.Reason));
        Assert.Equal(MqttReasonCode.Banned, (await listener.ConnectAsync(null, null, "thief", shown: stolen)).Reason);
        await GuardedListener.PublishAsync(rig, "fleet/site-1/rig-5/telemetry");
        Assert.Equal(MqttReasonCode.Success, (await rig.ReceiveAsync()).Reason);
    }

    [Theory]
    [InlineData("a\nFATAL the ledger is gone")]
    [InlineData("a\u2028b")]
    [InlineData("a\u202Egnp.exe")]
    [InlineData("a\u001b[31mred")]
    [InlineData("2 kB")]
    public async Task Name_OfAStranger_StandsInTheLogAsShortPlainText(string name)
    {
        await using var listener = new GuardedListener(Users);
        string hostile = name == "2 kB" ? new string('x', 2_000) : name;

        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, (await listener.ConnectAsync(hostile, "guess", hostile[..Math.Min(200, hostile.Length)])).Reason);

        string said = Assert.Single(listener.Log.Messages, message => message.Contains("did not let in", StringComparison.Ordinal));
        Assert.InRange(said.Length, 1, 400);
        Assert.DoesNotContain(said, c => c is '\n' or '\u2028' or '\u202E' or '\u001b');
    }

    [Fact]
    public async Task Logins_ThatFailTooOften_AreTurnedAwayUnchecked_ButKnownPasswordsPass()
    {
        await using var listener = new GuardedListener(Users, ("Mqtt:Listener:FailedLoginsPerMinute", "3"));
        await listener.ConnectAsync("rig-1", "one");
        for (int i = 0; i < 3; i++)
        {
            await listener.ConnectAsync("rig-1", $"guess {i}", $"guesser {i}");
        }

        long hashed = listener.Source.PasswordsHashed;
        Assert.Equal(MqttReasonCode.ConnectionRateExceeded, (await listener.ConnectAsync("rig-2", "two", "late")).Reason);
        Assert.Equal(MqttReasonCode.Success, (await listener.ConnectAsync("rig-1", "one", "again")).Reason);
        Assert.Equal(hashed, listener.Source.PasswordsHashed);
        Assert.Equal(MqttReasonCode.Success, (await listener.ConnectAsync("rig-2", "two", "elsewhere", address: "10.0.0.2")).Reason);
    }

    [Fact]
    public async Task Reconnecting_CostsNoHashAgain()
    {
        await using var listener = new GuardedListener(Users);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(MqttReasonCode.Success, (await listener.ConnectAsync("site-1", "site", $"rig-{i}")).Reason);
        }

        Assert.Equal(1, listener.Source.PasswordsHashed);
    }

    [Fact]
    public async Task AccessFile_ThatDropsAUser_EndsItsConnection_AndNoOther()
    {
        await using var listener = new GuardedListener(Users);
        (PipePair dropped, _) = await listener.ConnectAsync("rig-1", "one", "a");
        (PipePair kept, _) = await listener.ConnectAsync("site-1", "site", "b");

        Assert.Empty(listener.Rewrite(Users.Replace("\"rig-1\"", "\"rig-8\"", StringComparison.Ordinal)));

        MqttPacket goodbye = await dropped.ReceiveAsync();
        Assert.Equal((MqttPacketType.Disconnect, MqttReasonCode.NotAuthorized), (goodbye.Type, goodbye.Reason));
        await GuardedListener.PublishAsync(kept, "fleet/site-1/rig-1/telemetry");
        Assert.Equal(MqttReasonCode.Success, (await kept.ReceiveAsync()).Reason);
        Assert.Equal(1, listener.Refused(MqttRefusal.TakenBack, MqttReasonCode.NotAuthorized));
    }

    [Fact]
    public async Task AccessFile_ThatChangesTopics_HoldsAtOnce()
    {
        await using var listener = new GuardedListener(Users);
        (PipePair client, _) = await listener.ConnectAsync("site-1", "site");

        listener.Rewrite(Users.Replace("fleet/site-1/#", "fleet/site-3/#", StringComparison.Ordinal));
        await GuardedListener.PublishAsync(client, "fleet/site-1/rig-1/telemetry", id: 1);
        await GuardedListener.PublishAsync(client, "fleet/site-3/rig-1/telemetry", id: 2);

        Assert.Equal(MqttReasonCode.NotAuthorized, (await client.ReceiveAsync()).Reason);
        Assert.Equal(MqttReasonCode.Success, (await client.ReceiveAsync()).Reason);
    }

    [Fact]
    public async Task AccessFile_ThatIsBad_ChangesNothing()
    {
        await using var listener = new GuardedListener(Users);

        Assert.NotEmpty(listener.Rewrite("""{"users":[{"nam":"rig-1"}]}"""));

        Assert.Equal(MqttReasonCode.Success, (await listener.ConnectAsync("rig-1", "one")).Reason);
    }

    [Theory]
    [InlineData("false", MqttReasonCode.NotAuthorized)]
    [InlineData("true", MqttReasonCode.Success)]
    public async Task Anonymous_BesideUsers_ComesInOnlyByIntent(string allow, MqttReasonCode expected)
    {
        await using var listener = new GuardedListener(Users, ("Mqtt:Listener:AllowAnonymous", allow));

        Assert.Equal(expected, (await listener.ConnectAsync(null, null)).Reason);
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, (await listener.ConnectAsync("rig-1", "wrong", "b")).Reason);
    }

    [Fact]
    public void Rights_AskedForEachMessage_AllocateNothing()
    {
        AccessList list = AccessFile.Parse(Encoding.UTF8.GetBytes(Users), "access.json").Value!;
        ClientRights rights = ClientRights.Of(list, list.Users["site-1"], null, "gateway");
        byte[] allowed = "fleet/site-1/rig-7/telemetry"u8.ToArray();
        byte[] refused = "fleet/site-2/rig-7/telemetry"u8.ToArray();
        Assert.True(rights.MayPublish(allowed));
        Assert.False(rights.MayPublish(refused));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            _ = rights.MayPublish(allowed) | rights.MayPublish(refused);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/+/c/#", true)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/+/c", "a/+/c", true)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/b", "a/#", false)]
    [InlineData("a/b/c", "a/b", false)]
    public void Filter_Covers_WhatMatchesNothingElse(string filter, string other, bool expected) =>
        Assert.Equal(expected, TopicFilter.TryParse(filter)!.Covers(Encoding.UTF8.GetBytes(other)));
}
