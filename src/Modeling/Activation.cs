namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>What a feed-forward layer does to its gate.</summary>
public enum Activation
{
    /// <summary>x times the logistic function of x (<c>silu</c>): SwiGLU.</summary>
    Silu,

    /// <summary>GELU by its hyperbolic tangent (<c>gelu_pytorch_tanh</c>; Hendrycks and Gimpel 2016, arXiv 1606.08415): GeGLU.</summary>
    GeluTanh,
}
