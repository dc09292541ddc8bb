using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Conditions;

/// <summary>The data file changes or disappears while it is read: training sees one state of it, or says what happened.</summary>
public sealed class ChangingDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(seed: 1);

    private string Data => _folder.File("pairs.jsonl");

    private static string[] Lines => File.ReadAllLines(Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "data", "train.jsonl"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_FileIsGoneAfterTheFirstStep_TrainsOnWhatItRead()
    {
        float[] undisturbed = Fit(() => { });

        Fit(() => File.Delete(Data)).Should().Equal(undisturbed, "the rows were read before the first step");
    }

    [Fact]
    public void Fit_FileIsOverwrittenAfterTheFirstStep_TrainsOnWhatItRead()
    {
        float[] undisturbed = Fit(() => { });

        Fit(() => File.WriteAllText(Data, "{")).Should().Equal(undisturbed);
    }

    [Fact]
    public void Cursor_FileIsCutWithinALineWhileItIsRead_NamesTheLine()
    {
        // longer than any buffer, so that the cut lies before what has been read
        File.WriteAllLines(Data, Enumerable.Repeat(Lines, 20).SelectMany(lines => lines));
        long cut = new FileInfo(Data).Length - 100;

        Action read = () => ReadAndCut(_context.Preferences.LoadFromJsonl(Data), Data, cut);

        read.Should().Throw<PreferenceDataException>().Where(fault => fault.LineNumber == 20 * Lines.Length).WithMessage($"{Data}:{20 * Lines.Length}:*");
    }

    [Fact]
    public void Fit_FileIsGoneBeforeItIsRead_NamesIt()
    {
        File.WriteAllLines(Data, Lines.Take(8));
        IDataView pairs = _context.Preferences.LoadFromJsonl(Data);
        File.Delete(Data);
        using PretrainedModel model = SmallModel.Create();

        Action fit = () => Pipeline(model, () => { }).Fit(pairs);

        fit.Should().Throw<FileNotFoundException>().WithMessage($"*{Data}*");
    }

    private float[] Fit(Action afterTheFirstStep)
    {
        File.WriteAllLines(Data, Lines.Take(12));
        using PretrainedModel model = SmallModel.Create();
        TransformerChain<DpoTransformer> trained = Pipeline(model, afterTheFirstStep).Fit(_context.Preferences.LoadFromJsonl(Data));
        using DpoTransformer last = trained.LastTransformer;
        File.WriteAllLines(Data, Lines.Take(12));
        return [.. trained.Transform(_context.Preferences.LoadFromJsonl(Data)).GetColumn<float>("Margin")];
    }

    private EstimatorChain<DpoTransformer> Pipeline(PretrainedModel model, Action afterTheFirstStep) =>
        _context.Transforms.PreparePreferencePairs(model, new() { MaxLength = 96 }).Append(_context.Preferences.Trainers.Dpo(new()
        {
            Model = model, LearningRate = 1e-3, Epochs = 2, LogInterval = 1, Progress = new AfterFirstStep(afterTheFirstStep),
        }));

    private static void ReadAndCut(IDataView pairs, string path, long length)
    {
        using DataViewRowCursor cursor = pairs.GetRowCursor(pairs.Schema);
        cursor.MoveNext().Should().BeTrue();
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(length);
        while (cursor.MoveNext())
        {
        }
    }

    private sealed class AfterFirstStep(Action action) : IProgress<DpoProgress>
    {
        private bool _done;

        public void Report(DpoProgress value)
        {
            if (_done || value.Step < 1)
                return;
            _done = true;
            action();
        }
    }
}
