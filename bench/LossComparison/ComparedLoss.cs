namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>A loss with the beta and the reduction that it is compared with: what it recommends, but where a row says otherwise.</summary>
/// <param name="Name">What it is called in tables and pictures.</param>
/// <param name="Code">How an app writes it.</param>
/// <param name="Loss">The loss.</param>
internal sealed record ComparedLoss(string Name, string Code, PreferenceLoss Loss)
{
    /// <summary>The loss that the others are compared with.</summary>
    public const string Yardstick = "DPO, sums";

    private const double BetaOfSums = 0.1; // of DPO's paper, for sums

    /// <summary>Whether DPO's sums with their beta are taken instead of what the loss recommends.</summary>
    private bool AsPublished { get; init; }

    /// <summary>All that are compared, in the order of tables.</summary>
    public static IReadOnlyList<ComparedLoss> All { get; } =
    [
        new(Yardstick, "Sigmoid()", PreferenceLoss.Sigmoid()) { AsPublished = true },
        new("DPO, means", "Sigmoid()", PreferenceLoss.Sigmoid()),
        new("length-normalised DPO", "LengthNormalizedSigmoid()", PreferenceLoss.LengthNormalizedSigmoid()),
        new("conservative DPO", "Sigmoid(labelSmoothing: 0.1)", PreferenceLoss.Sigmoid(0.1)) { AsPublished = true },
        new("robust DPO", "Robust()", PreferenceLoss.Robust()),
        new("hinge", "Hinge()", PreferenceLoss.Hinge()),
        new("IPO", "Ipo()", PreferenceLoss.Ipo()),
        new("EXO", "Exo()", PreferenceLoss.Exo()),
        new("NCA", "Nca()", PreferenceLoss.Nca()),
        new("APO-zero", "ApoZero()", PreferenceLoss.ApoZero()),
        new("DPOP", "Dpop()", PreferenceLoss.Dpop()),
        new("0.8 DPO + 0.2 NLL", "Mix((0.8, Sigmoid()), (0.2, NegativeLogLikelihood()))",
            PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood()))) { AsPublished = true },
        new("CPO", "Cpo()", PreferenceLoss.Cpo()),
        new("SimPO", "SimPO()", PreferenceLoss.SimPO()),
        new("ORPO", "Orpo()", PreferenceLoss.Orpo()),
    ];

    /// <summary>The run with this loss.</summary>
    public DpoTrainer.Options In(DpoTrainer.Options options)
    {
        DpoTrainer.Options own = options with { Loss = Loss };
        return AsPublished ? own with { Beta = BetaOfSums, Reduction = LogProbReduction.Sum } : own;
    }
}
