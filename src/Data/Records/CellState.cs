namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Where in a table's cell the reader stands.</summary>
internal enum CellState
{
    /// <summary>Before its first byte.</summary>
    Start,

    /// <summary>In a cell without quotes.</summary>
    Plain,

    /// <summary>Between quotes.</summary>
    Quoted,

    /// <summary>Behind a quote that closes the cell, unless another follows.</summary>
    AfterQuote,
}
