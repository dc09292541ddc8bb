using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>Values and derivatives of pairs by hand; the oracle says where they come from.</summary>
public sealed class LossTableTests
{
    private const double Fp32Tolerance = 1e-5;

    private static readonly Row[] s_rows =
    [
        new("sigmoid", PreferenceLoss.Sigmoid(), [0.554355, -0.042556, 0.042556], [0.798139, -0.054983, 0.054983]),
        new("cDPO", PreferenceLoss.Sigmoid(0.1), [0.584355, -0.032556, 0.032556], [0.778139, -0.044983, 0.044983]),
        new("robust", PreferenceLoss.Robust(), [0.516855, -0.055056, 0.055056], [0.823139, -0.067483, 0.067483]),
        new("hinge", PreferenceLoss.Hinge(), [0.7, -0.1, 0.1], [1.2, -0.1, 0.1]),
        new("ipo sums", PreferenceLoss.Ipo(), [4, -4, 4], [49, -14, 14]),
        new("ipo means", PreferenceLoss.Ipo(), [20.025625, -1.79, 1.11875], [28.756406, -2.145, 1.340625], LogProbReduction.Mean),
        new("length-normalised", PreferenceLoss.LengthNormalizedSigmoid(), [0.667242, -0.009738, 0.006086], [0.711436, -0.010181, 0.006363],
            LogProbReduction.Mean),
        new("EXO", PreferenceLoss.Exo(), [2.258199, -0.161508, 0.161508], [3.110397, -0.175904, 0.175904]),
        new("NCA", PreferenceLoss.Nca(), [1.319407, -0.017525, 0.023751], [1.440665, -0.030614, 0.025625]),
        new("BCO", PreferenceLoss.Bco(), [1.242536, -0.045017, 0.047502], [1.489416, -0.053743, 0.051250]),
        new("SPPO", PreferenceLoss.Sppo(), [25, -6, 8], [72.5, -13, 11]),
        new("APO zero", PreferenceLoss.ApoZero(), [0.925187, -0.024752, 0.024938], [1.049927, -0.024860, 0.024984]),
        new("APO down", PreferenceLoss.ApoDown(), [0.975391, 0.000306, 0.024446], [1.012404, 0.000108, 0.024752]),
        new("DiscoPOP", PreferenceLoss.DiscoPop(), [0.740357, -0.073084, 0.073084], [0.805752, -0.041239, 0.041239]),
        new("forward KL", PreferenceLoss.ForwardKl(), [0.572316, -0.005898, 0.118458], [0.905560, -0.266967, 0.036130]),
        new("Jensen-Shannon", PreferenceLoss.JensenShannon(), [0.635589, -0.005607, 0.034387], [0.756396, -0.043384, 0.020034]),
        new("alpha 0.5", PreferenceLoss.AlphaDivergence(), [0.573243, -0.016051, 0.071935], [0.835895, -0.119931, 0.044120]),
        new("alpha 1", PreferenceLoss.AlphaDivergence(1), [0.554355, -0.042556, 0.042556], [0.798139, -0.054983, 0.054983]),
        new("alpha 0", PreferenceLoss.AlphaDivergence(0), [0.572316, -0.005898, 0.118458], [0.905560, -0.266967, 0.036130]),
        new("DPOP", PreferenceLoss.Dpop(), [0.554355, -0.042556, 0.042556], [7.700453, -5.097692, 0.099955]),
        new("SimPO", PreferenceLoss.SimPO(0.25), [1.136871, -0.271671, 0.169795], [2.602015, -0.370350, 0.231469], LogProbReduction.Mean, 2),
        new("ORPO", PreferenceLoss.Orpo(), [2.076884, -0.212408, 0.007920], [2.842316, -0.216275, 0.011642], LogProbReduction.Mean),
        new("CPO", PreferenceLoss.Cpo(0), [0.474077, -0.037754, 0.037754], [0.693147, -0.05, 0.05]),
        new("CPO with its term", PreferenceLoss.Cpo(), [2.474077, -0.237754, 0.037754], [3.393147, -0.25, 0.05]),
        new("AlphaPO", PreferenceLoss.AlphaPO(), [1.141806, -0.561190, 0.339953], [4.651741, -0.972643, 0.471957], LogProbReduction.Mean, 2.5),
        new("likelihood", PreferenceLoss.NegativeLogLikelihood(), [2, -0.2, 0], [2.7, -0.2, 0]),
        new("likelihood of means", PreferenceLoss.NegativeLogLikelihood(), [2, -0.2, 0], [2.7, -0.2, 0], LogProbReduction.Mean),
        new("mixture", PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())),
            [0.8 * 0.554355 + 0.4, 0.8 * -0.042556 - 0.04, 0.8 * 0.042556], [0.8 * 0.798139 + 0.54, 0.8 * -0.054983 - 0.04, 0.8 * 0.054983]),
        // b's tail is 3/8 of it and weighs one half: h = 0.1 * (a - 13/16 * b)
        new("LD-DPO", PreferenceLoss.LengthDesensitized(), [0.562377, -0.043015, 0.034949], [0.792995, -0.054751, 0.044485]),
        // each label's collision is 0.2 nats above its log-probability on both sides: the weight is exp(-0.4)
        new("WPO", PreferenceLoss.Wpo(), [0.371595, -0.028526, 0.028526], [0.535008, -0.036856, 0.036856]),
    ];

    public static TheoryData<string> Names => [.. s_rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Losses_InDouble_AreTheTables(string name) => Compare(name, ScalarType.Float64, LossOracle.Tolerance);

    [Theory]
    [MemberData(nameof(Names))]
    public void Losses_InFp32_AreTheTables(string name) => Compare(name, ScalarType.Float32, Fp32Tolerance);

    [Fact]
    public void Rows_OfTheTable_HaveEveryUncoupledLoss() =>
        EveryLoss.ByName.Values.Where(loss => loss.Direction != Dpo.Training.Losses.GradientDirection.Coupled).Select(loss => loss.Name)
            .Except(s_rows.Select(row => row.Loss.Name))
            .Should().BeEmpty("each is proven by numbers");

    private static void Compare(string name, ScalarType type, double tolerance)
    {
        Row row = s_rows.Single(row => row.Name == name);
        double Allowed(double[] expected) => tolerance * Math.Max(1, expected.Max(Math.Abs));
        LossOracle.Of(row.Loss, row.Reduction, 2, -1, row.Beta, type).ShouldBe(row.First[0], row.First[1], row.First[2], Allowed(row.First));
        LossOracle.Of(row.Loss, row.Reduction, -1.5, 0.5, row.Beta, type).ShouldBe(row.Second[0], row.Second[1], row.Second[2], Allowed(row.Second));
    }

    /// <summary>Loss and derivatives by a and b at a = 2, b = -1, and at a = -1.5, b = 0.5.</summary>
    private sealed record Row(string Name, PreferenceLoss Loss, double[] First, double[] Second, LogProbReduction Reduction = LogProbReduction.Sum,
        double Beta = 0.1);
}
