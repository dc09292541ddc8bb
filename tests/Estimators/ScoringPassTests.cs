using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>How many rows scoring's forward passes have at most.</summary>
public sealed class ScoringPassTests : IDisposable
{
    private readonly PretrainedModel _policy = SmallModel.Create(), _reference = SmallModel.Create(seed: 2);
    private readonly RowCount _rows;
    private readonly PreferenceExample[] _pairs = LongPairs.Make(1024, 5, (20, 10), (6, 6), (30, 30), (5, 4), (5, 4), (5, 4));

    public ScoringPassTests() => _rows = new RowCount(_policy.Network.Network);

    public void Dispose()
    {
        _policy.Dispose();
        _reference.Dispose();
    }

    [Theory] // the sides need 27 + 17 = 44, 26, 74, and 23 rows three times; shared prompts are computed once, but planned for twice
    [InlineData(0, "0 1 2 3 4 5")]
    [InlineData(1000, "0 1 2 3 4 5")]
    [InlineData(70, "0 1|2|3 4 5")]
    [InlineData(69, "0|1|2|3 4 5")]
    [InlineData(46, "0|1|2|3 4|5")]
    [InlineData(45, "0|1|2|3|4|5")]
    [InlineData(1, "0|1|2|3|4|5")] // one pair runs, however long it is
    public void Score_BothSides_DividesPassesAtTheMostRows(long mostRows, string passes)
    {
        PairScores[] whole = Scorer(0).Score(Chosen, Rejected, withRewards: true);
        int[] expected = [.. passes.Split('|').Select(pass => Rows(pass, pair => pair.Chosen.NeededLength + pair.Rejected.NeededLength - pair.SharedPrefix))];
        _rows.Reset();

        PairScores[] scores = Scorer(mostRows).Score(Chosen, Rejected, withRewards: true);

        _rows.Passes.Should().Equal(expected);
        scores.Should().HaveCount(whole.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i].Margin.Should().BeApproximately(whole[i].Margin, 1e-4, "pair {0} has its own score in any pass", i);
            scores[i].Chosen.LogProb.Should().BeApproximately(whole[i].Chosen.LogProb, 1e-4);
        }
        whole.Select(score => score.Margin).Distinct().Should().HaveCount(_pairs.Length, "else a mixed-up order would not show");
    }

    [Theory] // chosen sides need 27, 13, 37 and 12 rows three times
    [InlineData(0, "0 1 2 3 4 5")]
    [InlineData(40, "0 1|2|3 4 5")]
    [InlineData(39, "0|1|2|3 4 5")]
    [InlineData(24, "0|1|2|3 4|5")]
    public void Score_OneSide_DividesPassesAtTheMostRows(long mostRows, string passes)
    {
        Scorer(mostRows).Score(Chosen, null, withRewards: false);
        _rows.Passes.Should().Equal(passes.Split('|').Select(pass => Rows(pass, pair => pair.Chosen.NeededLength)));
        _rows.Reset();

        Scorer(0).Score(null, Rejected, withRewards: false);
        _rows.Passes.Should().Equal(_pairs.Sum(pair => pair.Rejected.NeededLength));
    }

    [Theory]
    [InlineData(768, 96, 8, 2432, 2586)] // 24 MiB of floats, over the widest of a layer's tensors
    [InlineData(4096, 0, 8, 1024, 1536)]
    [InlineData(512, 1024, 8, 1024, 768)]
    [InlineData(64, 0, 8, 10_000_000, 1)]
    public void MostRows_AModel_KeepsItsWidestTensorSmall(int hidden, int headDim, int heads, int intermediate, long rows)
    {
        ModelConfig config = new() { HiddenSize = hidden, HeadDim = headDim, HeadCount = heads, IntermediateSize = intermediate };

        PassSize.MostRows(config, DeviceType.CPU).Should().Be(rows);
        PassSize.MostRows(config, DeviceType.CUDA).Should().Be(0, "there it is no matter");
    }

    [Fact]
    public void Transform_WideModel_ScoresInPassesOfItsMostRows()
    {
        MLContext context = new(seed: 1);
        ModelConfig wide = new()
        {
            VocabularySize = 1024, HiddenSize = 16, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 512, IntermediateSize = 1 << 16,
        };
        using PretrainedModel model = SmallModel.Create(config: wide);
        ScoringOptions options = Options() with { BatchSize = 16 };
        TrainingSummary untrained = new()
        {
            Examples = 0, Skipped = [], BadRows = null, Steps = 0, History = [], Elapsed = default, Precision = ComputePrecision.Fp32, Device = "cpu",
        };
        RowCount rows = new(model.Network.Network);
        using DpoTransformer scorer = new(
            model.Network.Share(), model.Network.Share(), model.Tokenizer, model.ChatTemplate, options, untrained);

        _ = context.Data.CreateEnumerable<PreferenceScore>(scorer.Transform(SmallModel.Pairs(context, 16)), reuseRowObject: false).ToList();

        long most = PassSize.MostRows(wide, DeviceType.CPU);
        most.Should().Be(96);
        rows.Passes.Should().HaveCountGreaterThan(2).And.OnlyContain(pass => pass <= most);
    }

    private Response[] Chosen => [.. _pairs.Select(pair => pair.Chosen)];

    private Response[] Rejected => [.. _pairs.Select(pair => pair.Rejected)];

    private PairScorer Scorer(long mostRows) => new(new ResponseScorer(_policy.Network, _reference.Network, Options()), mostRows);

    private int Rows(string pass, Func<PreferenceExample, int> rows) => pass.Split(' ').Sum(place => rows(_pairs[int.Parse(place)]));

    private static ScoringOptions Options() => new()
    {
        Beta = 0.5, Reduction = LogProbReduction.Mean, BatchSize = 4, MaxLogitsMegabytes = 64, Precision = ComputePrecision.Fp32, ReferenceFree = false,
        InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
    };
}
