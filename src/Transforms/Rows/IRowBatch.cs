namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>The rows that one cursor has collected, and what was computed from them.</summary>
internal interface IRowBatch
{
    /// <summary>Forgets all rows and results.</summary>
    void Clear();

    /// <summary>Collects the values that the input row has now.</summary>
    void Add();

    /// <summary>Computes the active outputs of all collected rows.</summary>
    void Compute();

    /// <summary>
    /// What was computed last, an object that nobody changes afterwards; another batch that is set to it, over the same rows and for no other outputs, shows
    /// the same.
    /// </summary>
    object Results { get; set; }

    /// <summary>Makes the <c>ValueGetter</c> of an active output.</summary>
    /// <param name="output">The output's place in the list.</param>
    /// <param name="place">Which row to show, and the maker of getters that show it.</param>
    Delegate CreateGetter(int output, RowPlace place);
}
