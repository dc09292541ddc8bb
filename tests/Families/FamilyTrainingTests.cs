using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>Each family is trained, scored, saved in a model file and loaded again, with kernels and without.</summary>
public sealed class FamilyTrainingTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void Fit_Family_LearnsThePairsAndIsTheSameAfterItsFile(string name)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
        IDataView pairs = SmallModel.Pairs(_context, 12);
        DpoTrainer.Options Options(bool fused) => new() { Model = model, LearningRate = 1e-3, BatchSize = 4, Epochs = 3, FusedKernels = fused };

        using DpoTransformer trained = new DpoTrainer(_context, Options(fused: true)).Fit(pairs), plain =
            new DpoTrainer(_context, Options(fused: false)).Fit(pairs);

        float[] margins = Margins(trained, pairs), others = Margins(plain, pairs);
        margins.Average().Should().BeGreaterThan(1e-3f, "the pairs are trained on");
        // experts: a router that is of two minds decides by rounding
        if (model.Config.Experts is null)
        {
            for (int i = 0; i < margins.Length; i++)
                margins[i].Should().BeApproximately(others[i], 1e-3f + 0.02f * Math.Abs(others[i]));
        }

        _context.Model.Save(trained, pairs.Schema, _folder.File("model.zip"));
        ITransformer loaded = _context.Model.Load(_folder.File("model.zip"), out _);
        Margins(loaded, pairs).Should().Equal(margins);
        trained.SaveModel(_folder.File("folder"));
        using PretrainedModel again = PretrainedModel.Load(_folder.File("folder"));
        again.Config.ShouldSay(model.Config);
        (loaded as IDisposable)?.Dispose();
    }

    private static float[] Margins(ITransformer transformer, IDataView pairs) => [.. transformer.Transform(pairs).GetColumn<float>("Margin")];
}
