using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class ReferenceCacheTests : IDisposable
{
    private static readonly BatchOptions s_batches = new(BatchShape.PackedWithSharedPrefix, true, 64, 0, true, ScalarType.Float32, 1 << 20);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Key_AnyInputChanged_IsAnother()
    {
        using MiniMindNetwork network = Network();
        PreferenceExample[] pairs = [.. RandomPairs.Make(3, 64, seed: 1)];
        PreferenceExample first = pairs[0];
        PreferenceExample[] With(Response chosen) => [first with { Chosen = chosen }, .. pairs[1..]];
        string key = ReferenceKey.Of(network, pairs, 4, s_batches);
        ReferenceKey.Of(network, [.. RandomPairs.Make(3, 64, seed: 1)], 4, s_batches with { Checkpointing = true }).Should()
            .Be(key, "recomputing layers acts in training only");

        List<string> others =
        [
            ReferenceKey.Of(network, With(first.Chosen with { InputIds = Changed(first.Chosen.InputIds) }), 4, s_batches),
            ReferenceKey.Of(network, With(first.Chosen with { Labels = Changed(first.Chosen.Labels) }), 4, s_batches),
            ReferenceKey.Of(network, With(first.Chosen with { LossMask = [(byte)(1 - first.Chosen.LossMask[0]), .. first.Chosen.LossMask[1..]] }),
                4, s_batches),
            ReferenceKey.Of(network, [pairs[1], pairs[0], pairs[2]], 4, s_batches),
            ReferenceKey.Of(network, pairs[..2], 4, s_batches),
            ReferenceKey.Of(network, pairs, 2, s_batches),
            ReferenceKey.Of(network, pairs, 4, s_batches with { Mode = ScalarType.BFloat16 }),
            ReferenceKey.Of(network, pairs, 4, s_batches with { Shape = BatchShape.Packed }),
            ReferenceKey.Of(network, pairs, 4, s_batches with { LogitsBudget = 1 << 10 }),
        ];
        FlipLowestBit(network);
        others.Add(ReferenceKey.Of(network, pairs, 4, s_batches));

        others.Append(key).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void GetOrCompute_Again_ReadsWhatWasKept()
    {
        ReferenceCache cache = Cache();
        PrecomputedReference computed = cache.GetOrCompute(Key('a'), 3, new SingleProcess(), Computed);

        PrecomputedReference kept = Cache().GetOrCompute(
            Key('a'), 3, new SingleProcess(), () => throw new InvalidOperationException("must not be computed again"));
        Cache().GetOrCompute(Key('b'), 1, new SingleProcess(), () => new([7], [8])).Chosen.Should().Equal(7);

        kept.Chosen.Should().Equal(computed.Chosen);
        kept.Rejected.Should().Equal(computed.Rejected);
        Directory.EnumerateFiles(_folder.Path).Select(path => Path.GetFileName(path)).Should().BeEquivalentTo(Key('a') + ".reference", Key('b') + ".reference");
        _warnings.Should().BeEmpty();
    }

    [Fact]
    public void GetOrCompute_AnyByteDamaged_ComputesAgainAndMendsTheFile()
    {
        Cache().GetOrCompute(Key('a'), 3, new SingleProcess(), Computed);
        string path = Cache().PathOf(Key('a'));
        byte[] whole = File.ReadAllBytes(path);
        whole.Should().HaveCount(8 + 32 + 8 + 2 * 3 * 8 + 32);
        IEnumerable<byte[]> damages = Enumerable.Range(0, whole.Length).Select(i => (byte[])[.. whole[..i], (byte)(whole[i] ^ 1), .. whole[(i + 1)..]])
            .Concat([whole[..^1], [.. whole, 0], []]);
        int computations = 0;

        foreach (byte[] damaged in damages)
        {
            File.WriteAllBytes(path, damaged);
            Cache().GetOrCompute(Key('a'), 3, new SingleProcess(), () =>
            {
                computations++;
                return Computed();
            }).Rejected.Should().Equal(Computed().Rejected);
            File.ReadAllBytes(path).Should().Equal(whole);
        }

        computations.Should().Be(whole.Length + 3);
        _warnings.Should().HaveCount(computations).And.OnlyContain(w => w.Contains(path) && w.Contains("is damaged") && w.Contains("computed again"));
    }

    [Fact]
    public void GetOrCompute_FileOfAnEarlierVersion_ComputesAgainAndSaysWhy()
    {
        string path = Cache().PathOf(Key('a'));
        File.WriteAllBytes(path, [.. "MMREFLP1"u8, .. new byte[32 + 8 + 2 * 3 * 4 + 32]]);

        Cache().GetOrCompute(Key('a'), 3, new SingleProcess(), Computed).Chosen.Should().Equal(Computed().Chosen);

        _warnings.Should().ContainSingle().Which.Should().Contain(path).And.Contain("earlier version").And.NotContain("damaged");
    }

    [Fact]
    public void GetOrCompute_OnSeveralRanks_ReadsAndWritesOnceAndGivesAllTheSame()
    {
        double[][] Chosen(Func<PrecomputedReference> compute) => SharedMemory.Run(3, ranks =>
            new ReferenceCache(ranks.Rank == 0 ? _folder.Path : _folder.File("not shared"), _warnings.Add)
                .GetOrCompute(Key((char)('a' + ranks.Rank)), 3, ranks, compute).Chosen.ToArray());
        int computations = 0;

        Chosen(() =>
        {
            Interlocked.Increment(ref computations);
            return Computed();
        }).Should().OnlyContain(chosen => chosen.SequenceEqual(Computed().Chosen));
        Chosen(() => throw new InvalidOperationException("must not be computed again")).Should().OnlyContain(chosen => chosen.SequenceEqual(Computed().Chosen));

        computations.Should().Be(3, "each rank computes its part");
        Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Should().Equal(Key('a') + ".reference");
    }

    [Fact]
    public void GetOrCompute_FolderThatCannotBeWritten_GoesOnWithAWarning()
    {
        string file = _folder.Write("file", [1]);

        new ReferenceCache(Path.Combine(file, "folder"), _warnings.Add).GetOrCompute(Key('a'), 3, new SingleProcess(), Computed).Chosen.Should()
            .Equal(Computed().Chosen);

        _warnings.Should().ContainSingle().Which.Should().Contain("could not be kept");
    }

    [Fact]
    public void Fit_WithAFolder_KeepsTheReferenceAndTrainsTheSame()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        DpoTrainer.Options Options(ReferenceMode mode, string? folder) =>
            new() { Model = model, LearningRate = 1e-3, Reference = mode, ReferenceCacheFolder = folder };
        string Fit(DpoTrainer.Options options, int pairs = 9)
        {
            using DpoTransformer trained = new DpoTrainer(context, options).Fit(SmallModel.Pairs(context, pairs));
            using PretrainedModel policy = trained.AsModel();
            return Fingerprint.Of(policy.Network.Network);
        }

        string plain = Fit(Options(ReferenceMode.Precomputed, null));
        string computed = Fit(Options(ReferenceMode.Auto, _folder.Path));
        string path = Directory.EnumerateFiles(_folder.Path).Should().ContainSingle().Which;
        DateTime written = File.GetLastWriteTimeUtc(path);
        string kept = Fit(Options(ReferenceMode.Precomputed, _folder.Path));

        computed.Should().Be(plain);
        kept.Should().Be(plain);
        Directory.EnumerateFiles(_folder.Path).Should().Equal(path);
        File.GetLastWriteTimeUtc(path).Should().Be(written, "it was read, not written again");
        Fit(Options(ReferenceMode.Precomputed, _folder.Path), pairs: 8);
        Directory.EnumerateFiles(_folder.Path).Should().HaveCount(2);
        FluentActions.Invoking(() => new DpoTrainer(context, Options(ReferenceMode.Live, _folder.Path))).Should().Throw<ArgumentException>()
            .WithMessage("*ReferenceCacheFolder*Live*");
    }

    private ReferenceCache Cache() => new(_folder.Path, _warnings.Add);

    private static PrecomputedReference Computed() => new([-1.5f, -2, float.Epsilon], [-3, -0.1f, 0]);

    private static string Key(char digit) => new(digit, 64);

    private static int[] Changed(int[] ids) => [ids[0] ^ 1, .. ids[1..]];

    private static void FlipLowestBit(MiniMindNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        network.HeadWeight.bytes[0] ^= 1;
    }

    private static MiniMindNetwork Network()
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = 64, HiddenSize = 16, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1,
            MaxPositions = 64
        });
        using Generator random = new(4, CPU);
        network.Initialize(random);
        return network;
    }
}
