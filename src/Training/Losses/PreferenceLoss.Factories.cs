using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo;

/// <content>The losses that there are; <c>docs/LOSSES.md</c> has them in a table.</content>
public abstract partial record PreferenceLoss
{
    /// <summary>DPO's loss, -log sigmoid of the margin (Rafailov et al. 2023, arXiv 2305.18290, eq. 7).</summary>
    /// <remarks>
    /// The default beta is 0.15; published with sums 0.01 to 0.5. Learning rate 5e-7 to 1e-6 for models of billions of weights, 4e-8 as MiniMind has it.
    /// </remarks>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round (conservative DPO, Mitchell 2023): at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss Sigmoid(double labelSmoothing = 0) => new SigmoidLoss(labelSmoothing);

    /// <summary>IPO's loss, the squared distance of the log-ratios' difference from 1 / (2 * beta) (Azar et al. 2023, arXiv 2310.12036, eq. 17).</summary>
    /// <remarks>
    /// It goes on to a finite margin where labels leave no doubt. With <see cref="LogProbReduction.Mean"/>, as its authors and TRL have it, the target is one
    /// of nats per token. The default beta is 0.1, learning rate 1e-6.
    /// </remarks>
    public static PreferenceLoss Ipo() => new IpoLoss();

    /// <summary>
    /// Robust DPO, (-(1 - e) log sigmoid(h) + e log sigmoid(-h)) / (1 - 2 e): unbiased where a share e of the labels is wrong (Chowdhury et al. 2024, arXiv
    /// 2403.00409).
    /// </summary>
    /// <remarks>It may be negative. Default: sums, beta 0.1 (published 0.01 to 0.5), learning rate 1e-6.</remarks>
    /// <param name="labelSmoothing">The share e: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss Robust(double labelSmoothing = 0.1) => new RobustLoss(labelSmoothing);

    /// <summary>max(0, 1 - h): SLiC's hinge (Zhao et al. 2023, arXiv 2305.10425) on log-ratios, as in RSO (Liu et al. 2023, arXiv 2309.06657).</summary>
    /// <remarks>Pairs with a margin above 1 have no gradient. Default: sums, beta 0.1 (RSO 0.05), learning rate 1e-6 (SLiC 1e-4).</remarks>
    public static PreferenceLoss Hinge() => new HingeLoss();

    /// <summary>-log sigmoid of the margin of means per token: length-normalised DPO (Tulu 3, Lambert et al. 2024, arXiv 2411.15124).</summary>
    /// <remarks>
    /// It is <see cref="Sigmoid"/> of <see cref="LogProbReduction.Mean"/> with the beta made for that: 5; below 1 is a warning. Learning rate 5e-7.
    /// </remarks>
    public static PreferenceLoss LengthNormalizedSigmoid() => new LengthNormalizedSigmoidLoss();

    /// <summary>EXO for pairs: KL(q || p), q = (sigmoid(h), sigmoid(-h)), p = (1 - e, e) (Ji et al. 2024, arXiv 2402.00856).</summary>
    /// <remarks>Default: sums, beta 0.1, learning rate 1e-6.</remarks>
    /// <param name="labelSmoothing">e: above 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss Exo(double labelSmoothing = 1e-3) => new ExoLoss(labelSmoothing);

    /// <summary>
    /// NCA for pairs: -log sigmoid(beta a) - log sigmoid(-beta a) / 2 - log sigmoid(-beta b) / 2 of the sides' log-ratios a and b (Chen et al. 2024, arXiv
    /// 2402.05369).
    /// </summary>
    /// <remarks>It keeps the chosen side from falling. Default: sums, beta 0.01, learning rate 5e-6. Needs a reference.</remarks>
    public static PreferenceLoss Nca() => new NcaLoss();

    /// <summary>BCO: -log sigmoid(beta a - d) - log sigmoid(-(beta b - d)), a classifier of the two sides (Jung et al. 2024, arXiv 2404.04656).</summary>
    /// <remarks>Default: sums, beta 0.01, learning rate 5e-7. Needs a reference.</remarks>
    /// <param name="centered">
    /// Whether the shift d is the mean reward of the step's responses, computed anew in each step, instead of 0. It couples the pairs of a step: options that
    /// take a step apart are refused with it.
    /// </param>
    public static PreferenceLoss Bco(bool centered = false) => new BcoLoss(centered);

    /// <summary>SPPO with hard labels: (a - 1 / (2 beta))^2 + (b + 1 / (2 beta))^2 (Wu et al. 2024, arXiv 2405.00675).</summary>
    /// <remarks>Default: sums, beta 0.001 (above 0.1 is a warning), learning rate 5e-7. Needs a reference.</remarks>
    public static PreferenceLoss Sppo() => new SppoLoss();

    /// <summary>
    /// AOT, paired: DPO's loss of the step's differences, policy's and reference's sorted and compared rank by rank (Melnyk et al. 2024, arXiv 2406.05882).
    /// </summary>
    /// <remarks>Default: sums, beta 0.01, learning rate 1e-6. Needs a reference, and large steps; options that take a step apart are refused with it.</remarks>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss Aot(double labelSmoothing = 0) => new AotLoss(labelSmoothing);

    /// <summary>
    /// AOT, unpaired: the step's log-ratios of chosen and of rejected sides, each sorted, compared rank by rank (Melnyk et al. 2024, arXiv 2406.05882).
    /// </summary>
    /// <remarks>As <see cref="Aot"/>.</remarks>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss AotUnpaired(double labelSmoothing = 0) => new AotUnpairedLoss(labelSmoothing);

    /// <summary>
    /// APO-zero: 1 - sigmoid(beta a) + sigmoid(beta b), for chosen responses that are better than the model's own (D'Oosterlinck et al. 2024, arXiv
    /// 2408.06266, eq. 7).
    /// </summary>
    /// <remarks>Default: sums, beta 0.1, learning rate 2e-7. Needs a reference.</remarks>
    public static PreferenceLoss ApoZero() => new ApoZeroLoss();

    /// <summary>
    /// APO-down: sigmoid(beta a) + 1 - sigmoid(beta (a - b)), for chosen responses that are worse than the model's own (D'Oosterlinck et al. 2024, arXiv
    /// 2408.06266, eq. 8).
    /// </summary>
    /// <remarks>It lowers the chosen side on purpose. Default: sums, beta 0.1, learning rate 2e-7. Needs a reference.</remarks>
    public static PreferenceLoss ApoDown() => new ApoDownLoss();

    /// <summary>DiscoPOP: m exp(-h) - (1 - m) log sigmoid(h), m = sigmoid(h / temperature) (Lu et al. 2024, arXiv 2406.08414, eq. 5).</summary>
    /// <remarks>Default: sums, beta 0.05, learning rate 5e-7.</remarks>
    /// <param name="temperature">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0 and finite.</exception>
    public static PreferenceLoss DiscoPop(double temperature = 0.05) => new DiscoPopLoss(temperature);

    /// <summary>DPO with the forward KL divergence: -log sigmoid(beta (g(a) - g(b))), g(x) = -exp(-x) (f-DPO, Wang et al. 2023, arXiv 2309.16240).</summary>
    /// <remarks>With the reverse KL it is <see cref="Sigmoid"/>. Default: sums, beta 0.1, learning rate 1e-6. Needs a reference.</remarks>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss ForwardKl(double labelSmoothing = 0) => new ForwardKlLoss(labelSmoothing);

    /// <summary>
    /// DPO with the Jensen-Shannon divergence: -log sigmoid(beta (g(a) - g(b))), g(x) = log sigmoid(x) (f-DPO, Wang et al. 2023, arXiv 2309.16240).
    /// </summary>
    /// <remarks>As <see cref="ForwardKl"/>.</remarks>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss JensenShannon(double labelSmoothing = 0) => new JensenShannonLoss(labelSmoothing);

    /// <summary>
    /// DPO with an alpha divergence: -log sigmoid(beta (g(a) - g(b))), g(x) = exp((alpha - 1) x) / (alpha - 1) (f-DPO, Wang et al. 2023, arXiv 2309.16240).
    /// </summary>
    /// <remarks>
    /// At 0 it is <see cref="ForwardKl"/>, at 1 the reverse KL and so <see cref="Sigmoid"/>. Default: sums, beta 0.1, learning rate 1e-6. Needs a reference.
    /// </remarks>
    /// <param name="alpha">At least 0.</param>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round: at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not in its range.</exception>
    public static PreferenceLoss AlphaDivergence(double alpha = 0.5, double labelSmoothing = 0) => new AlphaDivergenceLoss(alpha, labelSmoothing);

    /// <summary>
    /// LD-DPO: another loss, in whose sums the tokens behind as many as the shorter side has weigh alpha (Liu et al. 2024, arXiv 2409.06411).
    /// </summary>
    /// <remarks>Policy and reference are weighed alike; rewards stay those of all tokens. Default of DPO's loss: sums, beta 0.1, learning rate 1e-6.</remarks>
    /// <param name="alpha">0 to 1; at 1 the other loss itself.</param>
    /// <param name="loss">The other loss; <see langword="null"/> for <see cref="Sigmoid"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is not in its range.</exception>
    /// <exception cref="ArgumentException">The other loss is one of means per token, or weighs tokens itself.</exception>
    public static PreferenceLoss LengthDesensitized(double alpha = 0.5, PreferenceLoss? loss = null) => new LengthDesensitizedLoss(alpha, loss ?? Sigmoid());

    /// <summary>WPO: another loss, each pair weighed by how likely the policy would write it itself (Zhou et al. 2024, arXiv 2406.11827, eq. 2).</summary>
    /// <remarks>
    /// The weight is the exponential, at most 1, of both sides' means over tokens of log pi(token) - log sum of pi^2, without gradient. Default of DPO's loss:
    /// sums, beta 0.01, learning rate 1e-6.
    /// </remarks>
    /// <param name="loss">The other loss; <see langword="null"/> for <see cref="Sigmoid"/>.</param>
    /// <exception cref="ArgumentException">The other loss couples the pairs of a step, or weighs pairs itself.</exception>
    public static PreferenceLoss Wpo(PreferenceLoss? loss = null) => new WpoLoss(loss ?? Sigmoid());

    /// <summary>
    /// DPO-positive: -log sigmoid(beta (a - b - penalty max(0, -a))), which keeps the chosen side up (Pal et al. 2024, arXiv 2402.13228, eq. 3).
    /// </summary>
    /// <remarks>The penalty stands within the sigmoid, as in the paper. Default: sums, beta 0.3, learning rate 5e-7. Needs a reference.</remarks>
    /// <param name="penalty">At least 0; 50 as in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not in its range.</exception>
    public static PreferenceLoss Dpop(double penalty = 50) => new DpopLoss(penalty);

    /// <summary>
    /// CPO: -log sigmoid(beta (log pi(chosen) - log pi(rejected))) and the chosen side's cross-entropy per token (Xu et al. 2024, arXiv 2401.08417).
    /// </summary>
    /// <remarks>Without a reference: half the memory. Default: sums, beta 0.1, learning rate 1e-6.</remarks>
    /// <param name="likelihoodWeight">How much the cross-entropy counts: at least 0, 1 as published.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not in its range.</exception>
    public static PreferenceLoss Cpo(double likelihoodWeight = 1) => new CpoLoss(likelihoodWeight);

    /// <summary>SimPO: -log sigmoid(beta (m(chosen) - m(rejected)) - gamma), m being log pi per token (Meng et al. 2024, arXiv 2405.14734, eq. 6).</summary>
    /// <remarks>
    /// Without a reference: half the memory. Default: beta 2 (published 2 to 10; below 1 is a warning), learning rate 3e-7 to 1e-6: tune that first, since too
    /// high a rate gives repeating text.
    /// </remarks>
    /// <param name="gammaOverBeta">The target margin gamma as a share of beta, nats per token: at least 0, published up to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not in its range.</exception>
    public static PreferenceLoss SimPO(double gammaOverBeta = 0.5) => new SimPOLoss(gammaOverBeta);

    /// <summary>AlphaPO: <see cref="SimPO"/> with (1 - exp(-alpha m)) / alpha in place of m (Gupta et al. 2025, arXiv 2501.03884).</summary>
    /// <remarks>Without a reference: half the memory. Default: beta 2.5, learning rate 7e-7.</remarks>
    /// <param name="alpha">Not 0.</param>
    /// <param name="gammaOverBeta">The target margin as a share of beta: at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not in its range.</exception>
    public static PreferenceLoss AlphaPO(double alpha = 0.25, double gammaOverBeta = 0.1) => new AlphaPOLoss(alpha, gammaOverBeta);

    /// <summary>
    /// ORPO: the chosen side's cross-entropy per token - beta log sigmoid of the difference of log odds (Hong et al. 2024, arXiv 2403.07691, eq. 6).
    /// </summary>
    /// <remarks>
    /// Without a reference, and on a base model without supervised training before. Default: beta (the paper's lambda) 0.1, learning rate 5e-6 to 8e-6.
    /// </remarks>
    public static PreferenceLoss Orpo() => new OrpoLoss();

    /// <summary>
    /// The chosen side's cross-entropy per token, averaged per pair: the supervised term of mixtures (as in RPO, Pang et al. 2024, arXiv 2404.19733).
    /// </summary>
    /// <remarks>It has neither beta nor reference. By itself, learning rate 5e-6; in a mixture that of the other part.</remarks>
    public static PreferenceLoss NegativeLogLikelihood() => new NegativeLogLikelihoodLoss();

    /// <summary>
    /// A weighted sum of losses, such as DPO's with a supervised term that keeps the chosen side up:
    /// <c>Mix((0.8, Sigmoid()), (0.2, NegativeLogLikelihood()))</c>.
    /// </summary>
    /// <remarks>
    /// All parts have one beta and one reduction: by default those of the first part that has a beta. Each part's value is measured by itself. Weights of 0
    /// leave a part out.
    /// </remarks>
    /// <param name="parts">Weights of at least 0, one of them above, and losses.</param>
    /// <exception cref="ArgumentException">No part counts, a weight is not valid, or no reduction of log-probabilities suits all parts.</exception>
    public static PreferenceLoss Mix(params (double Weight, PreferenceLoss Loss)[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new MixLoss([.. parts.Select(part => new MixPart(part.Weight, part.Loss))]);
    }
}
