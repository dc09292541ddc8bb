namespace MiniMind.MLNet.Dpo;

/// <summary>How the log-probabilities of a response's tokens become one number.</summary>
public enum LogProbReduction
{
    /// <summary>Their average: long and short answers weigh the same. The default, as in MiniMind's published DPO walkthrough.</summary>
    Mean,

    /// <summary>Their sum, as in Rafailov et al. 2023, TRL and MiniMind's train_dpo.py.</summary>
    Sum,
}
