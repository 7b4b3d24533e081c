using System.Text.RegularExpressions;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// What the kernel saw: kill -9 alone cannot tell whether an acknowledgement waited for the disk, since what is in the page cache outlives a
/// process.
/// </summary>
/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract partial class AcknowledgementTraceSuite(string client)
{
    private const string Tracer = "strace";
    private const int Messages = 10;

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher, Tracer)]
    public async Task Acknowledgement_OfEachReading_FollowsACompletedSyncOfItsCommit()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        string trace = site.File("trace.txt");

        // With -D the process is the service's own, and strace watches from beside it.
        await using ChildProcess service = ChildProcess.Start(
            Programs.Require(Tracer),
            [
                "-D", "-f", "-y", "-s", "4", "-e", "trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg", "-o", trace,
                Tool.Binary, .. site.ServiceArguments(site.Ledger),
            ]);
        await service.WaitForAsync("Connected to", Tool.Patience);

        DateTimeOffset now = DateTimeOffset.UtcNow;
        for (int i = 0; i < Messages; i++)
        {
            // One at a time, so that each commit holds one reading.
            await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(now.AddSeconds(i), i)]);
            await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", i + 1);
            await Task.Delay(100);
        }

        await service.TerminateAsync();

        int acknowledged = 0;
        bool isWritten = false;
        bool isSynced = false;
        foreach (string call in CompletedCalls(await File.ReadAllLinesAsync(trace)))
        {
            if (WalWrite().IsMatch(call))
            {
                (isWritten, isSynced) = (true, false);
            }
            else if (WalSync().IsMatch(call))
            {
                isSynced = isWritten;
            }
            else if (PubAck().IsMatch(call))
            {
                acknowledged++;
                Assert.True(isSynced, $"Acknowledgement {acknowledged} went out before its commit was on disk.");
                (isWritten, isSynced) = (false, false);
            }
        }

        Assert.Equal(Messages, acknowledged);
    }

    /// <summary>Calls in the order in which they ended: where another thread's came in between, strace writes a call in two parts.</summary>
    private static IEnumerable<string> CompletedCalls(IEnumerable<string> lines)
    {
        var unfinished = new Dictionary<string, string>();
        foreach (string line in lines)
        {
            string thread = line.Split(' ')[0];
            if (line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = line.Replace("<unfinished ...>", "", StringComparison.Ordinal);
            }
            else if (line.Contains(" resumed>", StringComparison.Ordinal) && unfinished.Remove(thread, out string? begun))
            {
                yield return begun + line[(line.IndexOf(" resumed>", StringComparison.Ordinal) + " resumed>".Length)..];
            }
            else
            {
                yield return line;
            }
        }
    }

    [GeneratedRegex(@"pwrite64\(\d+<[^>]*ledger\.db-wal>.*= \d+$")]
    private static partial Regex WalWrite();

    [GeneratedRegex(@"(fsync|fdatasync)\(\d+<[^>]*ledger\.db-wal>\)\s*= 0$")]
    private static partial Regex WalSync();

    /// <summary>A PUBACK (0x40, "@") with two bytes to follow, on a socket.</summary>
    [GeneratedRegex(@"(sendto|sendmsg|write)\(\d+<(TCP|socket):.*""@\\2")]
    private static partial Regex PubAck();
}

[Collection(BusyCollection.Name)]
public sealed class AcknowledgementTraceTests() : AcknowledgementTraceSuite("builtin");
