using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class PostingTests
{
    private static readonly Instant Noon = Instant.From(new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero));

    public class Chain
    {
        [Fact]
        public void Posting_HasTheHashOfItsEncoding()
        {
            // Encoded and hashed by hand from the layout that PostingChain.Encode states, with another program.
            Posting posting = PostingChain.Append(
                PostingHead.Genesis,
                new PostingDraft
                {
                    Kind = PostingKind.Accrual, Site = "aksu", Device = "rig-1", Day = Day("2026-10-01"), Energy = new(new(1500), new(20), new(3)),
                },
                Noon);

            Assert.Equal(1, posting.Seq);
            Assert.Equal("d683a7bd16a2c7ff147fbc104f1bd66e54e876de817c3ec77290c349b0e36c93", posting.Hash);
        }

        [Fact]
        public void Chain_AsWritten_Holds()
        {
            Posting[] chain = Of(5);

            Assert.Null(PostingChain.Verify(chain, [PostingHead.Genesis, PostingHead.Of(chain[2]), PostingHead.Of(chain[4])]));
            Assert.Null(PostingChain.Verify([], []));
        }

        [Fact]
        public void AnyFieldChanged_IsFoundAtItsPosting()
        {
            Posting[] chain = Of(5);
            PostingDraft entry = chain[2].Entry;
            PostingDraft[] forged =
            [
                entry with { Energy = entry.Energy + Register(0.000000001m) },
                entry with { Energy = new(default, entry.Energy.Register, default) },
                entry with { Day = entry.Day.AddDays(1) },
                entry with { Device = "rig-9" },
                entry with { Device = null },
                entry with { Site = "aks", Device = "u" + entry.Device },
                entry with { Kind = PostingKind.Adjustment },
                entry with { Reason = "late" },
                entry with { By = "somebody" },
                entry with { Amount = new Money(1m, "KZT") },
                entry with { Charge = "kz-digital-mining-fee" },
            ];

            Assert.All(forged, change => AssertFault(ChainFaultKind.Content, 3, Replaced(chain, 2, chain[2] with { Entry = change })));
            AssertFault(ChainFaultKind.Content, 3, Replaced(chain, 2, chain[2] with { PostedAt = new(0) }));
        }

        [Fact]
        public void PostingForgedWithItsOwnHash_BreaksTheNextLink()
        {
            Posting[] chain = Of(5);
            Posting forged = PostingChain.Append(
                PostingHead.Of(chain[1]), chain[2].Entry with { Energy = Register(1m) }, chain[2].PostedAt);

            AssertFault(ChainFaultKind.PreviousHash, 4, Replaced(chain, 2, forged));
        }

        [Fact]
        public void PostingRemovedOrSwappedOrRepeated_IsFound()
        {
            Posting[] chain = Of(5);

            AssertFault(ChainFaultKind.Sequence, 2, [chain[0], chain[2], chain[3], chain[4]]);
            AssertFault(ChainFaultKind.Sequence, 1, [chain[1], chain[2]]);
            AssertFault(ChainFaultKind.Sequence, 2, [chain[0], chain[2], chain[1], chain[3], chain[4]]);
            AssertFault(ChainFaultKind.Sequence, 3, [chain[0], chain[1], chain[1], chain[2]]);
        }

        [Fact]
        public void ChainCutShort_IsFoundByAHeadWrittenDownElsewhere()
        {
            Posting[] chain = Of(5);
            PostingHead anchor = PostingHead.Of(chain[4]);

            AssertFault(ChainFaultKind.Truncated, 5, chain[..4], anchor);
            AssertFault(ChainFaultKind.Truncated, 1, [], anchor);
            Assert.Null(PostingChain.Verify(chain[..4], []));
        }

        [Fact]
        public void ChainWrittenAnewFromTheStart_IsFoundByAHeadWrittenDownElsewhere()
        {
            Posting[] chain = Of(5);
            var rewritten = new List<Posting>();
            PostingHead head = PostingHead.Genesis;
            foreach (Posting posting in chain)
            {
                Posting copy = PostingChain.Append(head, posting.Entry with { Energy = Register(0m) }, posting.PostedAt);
                rewritten.Add(copy);
                head = PostingHead.Of(copy);
            }

            Assert.Null(PostingChain.Verify(rewritten, []));
            AssertFault(ChainFaultKind.Rewritten, 3, [.. rewritten], PostingHead.Of(chain[2]));
        }

        private static void AssertFault(ChainFaultKind kind, long seq, Posting[] chain, params PostingHead[] anchors)
        {
            ChainFault? fault = PostingChain.Verify(chain, anchors);

            Assert.Equal((kind, seq), (fault!.Kind, fault.Seq));
        }

        private static Posting[] Replaced(Posting[] chain, int index, Posting posting) =>
            [.. chain[..index], posting, .. chain[(index + 1)..]];

        private static Posting[] Of(int count)
        {
            var chain = new List<Posting>();
            PostingHead head = PostingHead.Genesis;
            for (int i = 1; i <= count; i++)
            {
                Posting posting = PostingChain.Append(
                    head,
                    new PostingDraft
                    {
                        Kind = PostingKind.Accrual, Site = "aksu", Device = $"rig-{i}", Day = Day("2026-10-01"), Energy = Register(i),
                    },
                    Noon);
                chain.Add(posting);
                head = PostingHead.Of(posting);
            }

            return [.. chain];
        }
    }

    public class Plan
    {
        [Fact]
        public void Books_PostedTwice_ArePostedOnce()
        {
            var posted = new Dictionary<(DeviceKey, DateOnly), EnergyByQuality>();
            DeviceDay[] books = [Books("rig-1", "2026-10-01", 10m), Books("rig-2", "2026-10-01", 0m)];

            Assert.Equal(["Accrual rig-1 2026-10-01 10 kWh"], Post(books, posted));
            Assert.Equal([], Post(books, posted));
        }

        [Fact]
        public void LateEnergy_InAnOpenPeriod_IsAnAccrualOfTheDifference()
        {
            var posted = new Dictionary<(DeviceKey, DateOnly), EnergyByQuality>();
            Post([Books("rig-1", "2026-10-01", 10m)], posted);

            Assert.Equal(["Accrual rig-1 2026-10-01 2.5 kWh"], Post([Books("rig-1", "2026-10-01", 12.5m)], posted));
        }

        [Fact]
        public void LateEnergy_InAClosedPeriod_IsAnAdjustmentThatKeepsItsDay()
        {
            var posted = new Dictionary<(DeviceKey, DateOnly), EnergyByQuality>();
            Post([Books("rig-1", "2026-09-30", 10m)], posted);

            Assert.Equal(
                ["Adjustment rig-1 2026-09-30 -1 kWh: late readings", "Accrual rig-1 2026-10-01 3 kWh"],
                Post([Books("rig-1", "2026-09-30", 9m), Books("rig-1", "2026-10-01", 3m)], posted, closed: "2026-Q3"));
        }

        [Fact]
        public void EstimateReplacedByARegister_MovesEnergyBetweenQualities()
        {
            var posted = new Dictionary<(DeviceKey, DateOnly), EnergyByQuality>();
            Post([new(new("aksu", "rig-1"), Day("2026-10-01"), Qualities(0m, 5m, 2m))], posted);
            DeviceDay measured = new(new("aksu", "rig-1"), Day("2026-10-01"), Qualities(7m, 0m, 0m));

            PostingDraft? move = PostingPlan.Bring(measured, posted[(measured.Key, measured.Day)], (_, _) => false, "late readings");

            Assert.Equal(Qualities(7m, -5m, -2m), move?.Energy);
        }

        private static string[] Post(DeviceDay[] books, Dictionary<(DeviceKey, DateOnly), EnergyByQuality> posted, string? closed = null)
        {
            PostingDraft[] drafts =
            [
                .. books.Select(day => PostingPlan.Bring(
                    day, posted.GetValueOrDefault((day.Key, day.Day)), (_, period) => period.ToString() == closed, "late readings")).OfType<PostingDraft>(),
            ];
            foreach (PostingDraft draft in drafts)
            {
                Assert.Empty(draft.Problems(Law));
                (DeviceKey, DateOnly) key = (new DeviceKey(draft.Site, draft.Device!), draft.Day);
                posted[key] = posted.GetValueOrDefault(key) + draft.Energy;
            }

            return
            [
                .. drafts.Select(draft =>
                    $"{draft.Kind} {draft.Device} {draft.Day:yyyy-MM-dd} {draft.Energy.Total}{(draft.Reason is null ? string.Empty : ": " + draft.Reason)}"),
            ];
        }
    }

    public class Decisions
    {
        private static readonly PostingDraft Manual = new()
        {
            Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-10-01"), Energy = Register(-5m), By = "A. Person", Reason = "cooling",
        };

        private static readonly PostingDraft Turnover = new()
        {
            Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-10-01"), Charge = "kz-astana-hub-royalty",
            Amount = new Money(1_000_000m, "KZT"), By = "A. Person", Reason = "invoice 7",
        };

        [Fact]
        public void DecisionThatSaysWhoAndWhy_IsPosted()
        {
            Assert.Empty(Manual.Problems(Law));
            Assert.Empty((Manual with { Energy = default, Charge = "kz-digital-mining-fee", Amount = new Money(-10m, "KZT") }).Problems(Law));
            Assert.Empty(Turnover.Problems(Law));
        }

        [Fact]
        public void DecisionWithoutWhoOrWhy_IsRefusedWithBoth() =>
            Assert.Equal(
                ["the reason is missing", "the name of who decides is missing"], (Manual with { By = " ", Reason = null }).Problems(Law));

        [Fact]
        public void DecisionThatFitsNoCharge_IsRefused()
        {
            Assert.Single((Turnover with { Charge = "kz-digital-mining-fee" }).Problems(Law));
            Assert.Single((Turnover with { Amount = new Money(1m, "USD") }).Problems(Law));
            Assert.Single((Turnover with { Amount = null }).Problems(Law));
            Assert.Single((Manual with { Energy = default }).Problems(Law));
            Assert.Single((Manual with { Kind = PostingKind.Accrual, By = null, Charge = "kz-digital-mining-fee" }).Problems(Law));
        }
    }
}
