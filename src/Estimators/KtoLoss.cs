namespace MiniMind.MLNet.Dpo;

/// <summary>What is made smaller where answers are good or bad by themselves; r is log pi - log ref, summed over the answer's tokens.</summary>
public enum KtoLoss
{
    /// <summary>
    /// KTO (Ethayarajh et al. 2024): 1 - sigmoid(beta (r - z)) for a good answer, 1 - sigmoid(beta (z - r)) for a bad one. The baseline z is the mean r of the
    /// step's prompts with answers to other prompts, at least 0, and no gradient goes through it.
    /// </summary>
    Kto,

    /// <summary>
    /// APO-zero of single answers (D'Oosterlinck et al. 2024): 1 - sigmoid(beta r) for a good answer, sigmoid(beta r) for a bad one. It has no baseline, so it
    /// runs a third fewer passes.
    /// </summary>
    ApoZeroUnpaired,
}
