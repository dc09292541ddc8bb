namespace MiniMind.MLNet.Dpo;

/// <summary>What a diagnosis can find in preference data.</summary>
public enum DiagnosisFindingKind
{
    /// <summary>Pairs that occur more than once, the same in prompt, chosen and rejected answer.</summary>
    ExactDuplicates,

    /// <summary>Pairs that occur with their sides swapped, too.</summary>
    Contradictions,

    /// <summary>Pairs whose sides are the same.</summary>
    IdenticalSides,

    /// <summary>Pairs whose sides share no prompt.</summary>
    NoSharedPrompt,

    /// <summary>Pairs that nearly repeat another one.</summary>
    NearDuplicates,

    /// <summary>Held-out pairs whose prompt is trained on.</summary>
    PromptLeak,

    /// <summary>Held-out pairs whose prompt is nearly one that is trained on.</summary>
    NearPromptLeak,

    /// <summary>The answers' lengths tell the labels.</summary>
    LengthBias,

    /// <summary>A property of the answers' form tells the labels.</summary>
    FormatBias,

    /// <summary>Pairs that the maximum length takes something from that matters.</summary>
    CutPairs,

    /// <summary>Pairs that carry no preference once they are prepared.</summary>
    WithoutPreference,

    /// <summary>The model prefers nearly all chosen answers already.</summary>
    EasyPairs,

    /// <summary>The model prefers most rejected answers.</summary>
    ModelDisagrees,

    /// <summary>Pairs whose margin under the model is far from that of all others.</summary>
    ExtremeMargins,
}
