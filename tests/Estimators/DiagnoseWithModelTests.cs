using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>What a diagnosis sees with a model: what is cut, what cannot be used, and what the model prefers.</summary>
public sealed class DiagnoseWithModelTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly MadeUpPairs _made = new(7);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Diagnose_CleanPairs_FindsNothingAndMeasures()
    {
        PreferenceDiagnosis diagnosis = Diagnose(Short(60));

        diagnosis.Findings.Should().BeEmpty();
        diagnosis.Truncation!.Rows.Should().Be(60);
        diagnosis.Truncation.LosesAnything.Should().BeFalse();
        diagnosis.ToString().Split('\n').Should().OnlyContain(line => line.Length <= 100);
        diagnosis.ToString().Should().Contain("of 60 pairs scored it prefers the chosen answer in").And.NotContain("give the model");
    }

    [Theory]
    [InlineData(LogProbReduction.Mean)]
    [InlineData(LogProbReduction.Sum)]
    public void Diagnose_Margins_AreThoseOfAScorer(LogProbReduction reduction)
    {
        List<MadeUpPair> pairs = Short(40);
        IDataView view = MadeUpPairs.View(_context, pairs), prepared = _context.Transforms.PreparePreferencePairs(_model).Fit(view).Transform(view);
        DpoTrainer.Options still = new() { Model = _model, LearningRate = 0, Reduction = reduction, Device = ComputeDevice.Cpu };
        using DpoTransformer scorer = new DpoTrainer(_context, still).Fit(prepared);
        IDataView scored = scorer.Transform(prepared);
        double[] margins = [.. scored.GetColumn<float>("ChosenLogProb")
            .Zip(scored.GetColumn<float>("RejectedLogProb"), (chosen, rejected) => (double)chosen - rejected)];

        ReferenceMargins found = Diagnose(pairs, new() { Reduction = reduction }).Reference!;

        (found.Pairs, found.Reduction).Should().Be((40, reduction));
        found.Mean.Should().BeApproximately(margins.Average(), 1e-3);
        double mean = margins.Average();
        found.StandardDeviation.Should().BeApproximately(Math.Sqrt(margins.Sum(margin => (margin - mean) * (margin - mean)) / 39), 1e-3);
        found.Right.Should().Be(margins.Count(margin => margin > 0));
        found.Lowest.Select(pair => pair.Line).Should().Equal(margins.Index().OrderBy(pair => pair.Item).Take(3).Select(pair => pair.Index + 1L));
        found.Highest.Select(pair => pair.Line).Should().Equal(margins.Index().OrderByDescending(pair => pair.Item).Take(3).Select(pair => pair.Index + 1L));
        found.Quartiles[1].Should().BeApproximately((margins.Order().ElementAt(19) + margins.Order().ElementAt(20)) / 2, 1e-3);
    }

    [Fact]
    public void Diagnose_LongAnswers_AreCutPairs()
    {
        List<MadeUpPair> pairs = Short(40);
        pairs[6] = pairs[6] with { Rejected = _made.Words(300, 300) };
        pairs[9] = pairs[9] with { Prompt = _made.Words(400, 400) };

        PreferenceDiagnosis diagnosis = Diagnose(pairs, new() { Preparation = new() { MaxLength = 256 } });

        DiagnosisFinding cut = diagnosis.Of(DiagnosisFindingKind.CutPairs).Should().ContainSingle().Subject;
        cut.Lines.Should().Equal(7, 10);
        cut.Summary.Should().Contain("maximum length of 256 tokens");
        DiagnosisFinding unusable = diagnosis.Of(DiagnosisFindingKind.WithoutPreference).Should().ContainSingle().Subject;
        unusable.Lines.Should().Equal(10);
        unusable.Examples[0].Should().Contain("no token of the chosen response is left after truncation");
        diagnosis.ToString().Split('\n').Should().OnlyContain(line => line.Length <= 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Diagnose_PairsThatTheModelHasRightOrWrong_AreFound(bool right)
    {
        List<MadeUpPair> pairs = Short(60);
        HashSet<long> wrong = [.. Margins(pairs).Where(pair => pair.Margin > 0 != right).Select(pair => pair.Line)];
        List<MadeUpPair> turned = [.. pairs.Select(pair => wrong.Contains(pair.Line) ? pair with { Chosen = pair.Rejected, Rejected = pair.Chosen } : pair)];

        PreferenceDiagnosis diagnosis = Diagnose(turned);

        diagnosis.Findings.Select(finding => finding.Kind).Should().Equal(right ? DiagnosisFindingKind.EasyPairs : DiagnosisFindingKind.ModelDisagrees);
        diagnosis.Reference!.Share.Should().Be(right ? 1 : 0);
    }

    [Fact]
    public void Diagnose_PairUnlikeAllOthers_IsExtreme()
    {
        List<MadeUpPair> pairs = Short(60);
        pairs[30] = pairs[30] with { Chosen = _made.Words(60, 60) };

        DiagnosisFinding finding = Diagnose(pairs, new() { Reduction = LogProbReduction.Sum }).Findings.Should().ContainSingle().Subject;

        finding.Kind.Should().Be(DiagnosisFindingKind.ExtremeMargins);
        finding.Lines.Should().Equal(31);
    }

    [Fact]
    public void Diagnose_PairLongerThanTheModelTakes_IsUnusableAndNotScored()
    {
        List<MadeUpPair> pairs = Short(30);
        pairs[20] = pairs[20] with { Chosen = _made.Words(250, 250) };

        PreferenceDiagnosis diagnosis = Diagnose(pairs);

        diagnosis.Of(DiagnosisFindingKind.WithoutPreference).Should().ContainSingle().Which.Examples[0].Should()
            .Match("21 (* tokens, and the model takes 512*");
        diagnosis.Reference!.Pairs.Should().Be(29);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(60, 60)]
    [InlineData(1000, 60)]
    [InlineData(1, 1)]
    public void Diagnose_ScoredPairs_AreSpacedOverTheData(int most, int expected) =>
        Diagnose(Short(60), new() { ScoredPairs = most }).Reference!.Pairs.Should().Be(expected);

    [Fact]
    public void Diagnose_ThreeScoredPairs_AreFromAllParts() =>
        Diagnose(Short(60), new() { ScoredPairs = 3 }).Reference!.Lowest.Select(pair => pair.Line).Should().BeEquivalentTo([1, 21, 41]);

    [Fact]
    public void Diagnose_NoScoredPairs_LeavesMarginsOut() => Diagnose(Short(30), new() { ScoredPairs = 0 }).Reference.Should().BeNull();

    private List<(long Line, double Margin)> Margins(List<MadeUpPair> pairs)
    {
        IDataView view = MadeUpPairs.View(_context, pairs), prepared = _context.Transforms.PreparePreferencePairs(_model).Fit(view).Transform(view);
        using DpoTransformer scorer = new DpoTrainer(_context, new() { Model = _model, LearningRate = 0, Device = ComputeDevice.Cpu }).Fit(prepared);
        IDataView scored = scorer.Transform(prepared);
        return [.. scored.GetColumn<float>("ChosenLogProb").Zip(scored.GetColumn<float>("RejectedLogProb"), (chosen, rejected) => (double)chosen - rejected)
            .Zip(pairs, (margin, pair) => (pair.Line, margin))];
    }

    private List<MadeUpPair> Short(int count) => [
        .. Enumerable.Range(1, count).Select(line => new MadeUpPair(line, _made.Words(4, 8), _made.Words(6, 12) + ".", _made.Words(6, 12) + "."))];

    private PreferenceDiagnosis Diagnose(List<MadeUpPair> pairs, PreferenceDiagnosisOptions? options = null) =>
        _context.Preferences.Diagnose(MadeUpPairs.View(_context, pairs), _model, options: options);
}
